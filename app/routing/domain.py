"""The things that are seen from above: a question about none of them is hardly about an image."""

from __future__ import annotations

import re

SEEN_FROM_ABOVE = (
    r"(?:ships?|boats?|vessels?|barges?|ferr(?:y|ies)|yachts?|harbou?rs?|ports?|docks?"
    r"|piers?|quays?|marinas?|wharf|jett(?:y|ies)|cranes?"
    r"|containers?|planes?|airplanes?|aeroplanes?|aircrafts?|jets?|helicopters?"
    r"|helipads?|airports?|airfields?|runways?|taxiways?|aprons?|hangars?|terminals?"
    r"|tarmac"
    r"|cars?|vehicles?|trucks?|lorr(?:y|ies)|bus(?:es)?|vans?|trains?|wagons?"
    r"|locomotives?|tanks?|bicycles?|motorcycles?"
    r"|roads?|streets?|highways?|motorways?|intersections?|crossroads?|roundabouts?"
    r"|junctions?|bridges?|overpass(?:es)?|tunnels?|railways?|railroads?|rails?|tracks?"
    r"|paths?|trails?"
    r"|parkings?|car parks?|lots?|garages?|stations?|buildings?|houses?|homes?|roofs?"
    r"|rooftops?|villas?|apartments?|blocks?|sheds?|barns?|warehouses?|factor(?:y|ies)"
    r"|plants?|chimneys?|stacks?|towers?|pylons?|silos?|refiner(?:y|ies)"
    r"|greenhouses?|schools?|hospitals?|church(?:es)?|mosques?|temples?|place of worship"
    r"|stadiums?|courts?|pitch(?:es)?|playgrounds?|pools?|golf|diamonds?|theat(?:er"
    r"|re)s?|malls?|stores?|shops?|markets?|cemeter(?:y|ies)|castles?|forts?|ruins?"
    r"|rivers?|streams?|creeks?|canals?|lakes?|ponds?|reservoirs?|dams?|sea|oceans?"
    r"|bays?|gulfs?|lagoons?|coasts?|coastlines?|shores?|shorelines?|beach(?:es)?"
    r"|islands?|deltas?|estuar(?:y|ies)|waters?|waves?|waterbod(?:y|ies)|wetlands?"
    r"|marsh(?:es)?|swamps?|mangroves?"
    r"|forests?|woods?|woodlands?|trees?|palms?|orchards?|plantations?|vineyards?|crops?"
    r"|fields?|farms?|farmlands?|farming|pastures?|meadows?|grass(?:es|land)?|lawns?"
    r"|shrubs?|vegetation|greenery|gardens?|parks?|agricultur\w*|irrigat\w*|harvest\w*"
    r"|cattle|livestock|animals?"
    r"|mountains?|hills?|valleys?|cliffs?|slopes?|ridges?|volcano(?:es)?|glaciers?|snow"
    r"|ice|deserts?|dunes?|sand|soil|rocks?|quarr(?:y|ies)|mines?|mining|erosion"
    r"|landslides?|floods?|flooded|flooding|fires?|burn(?:t|ed)|smoke|damage[ds]?"
    r"|drought|clouds?|cloudy|haze|shadows?"
    r"|villages?|towns?|suburbs?|settlements?|slums?|neighbou?rhoods?|districts?"
    r"|residential|commercial|industrial|urban|rural|built.?up|infrastructure"
    r"|construction|constructions|land|landscapes?|land.?cover|land.?use|terrain|ground"
    r"|surface|areas?|regions?|zones?"
    r"|solar|panels?|turbines?|wind farms?|power (?:lines?|plants?|stations?)|pipelines?"
    r"|oil|landfills?|people|persons?|pedestrians?|crowds?|objects?|structures?"
    r"|features?|class(?:es)?|things?|items?|letters? on|digits?|numbers? on|signs?"
    r"|markings?"
    r"|scenes?|images?|pictures?|photos?|season|pixels?|gsd|resolution of|bands? (?:are"
    r"|does)|traffic|lanes?|fences?|walls?|gates?|squares?|circles?|colors?|shapes?"
    r"|sizes?|patterns?|dominant|density|dense|layout|texture|located|situated|parked"
    r"|moored|docked)"
)


_NAMED = re.compile(
    rf"\b{SEEN_FROM_ABOVE}\b|\b(?:here|visible|left|right|top|bottom|cent(?:er|re))\b"
)


def names_something(text: str) -> bool:
    """Whether a clause names a thing that is seen from above, or may in a language not known."""
    return bool(_NAMED.search(text)) or (not text.isascii() and not text.isspace())
