"""The things that are seen from above: a question about none of them is hardly about an image."""

from __future__ import annotations

import re

SEEN_FROM_ABOVE = (
    r"(?:ships?|boats?|vessels?|barges?|ferr(?:y|ies)|yachts?|harbou?rs?|ports?|docks?|piers?|quays?|marinas?|wharf|jett(?:y|ies)|cranes?"
    r"|containers?|planes?|airplanes?|aeroplanes?|aircrafts?|jets?|helicopters?|helipads?|airports?|airfields?|runways?|taxiways?|aprons?|hangars?|terminals?|tarmac"
    r"|cars?|vehicles?|trucks?|lorr(?:y|ies)|bus(?:es)?|vans?|trains?|wagons?|locomotives?|tanks?|bicycles?|motorcycles?"
    r"|roads?|streets?|highways?|motorways?|intersections?|crossroads?|roundabouts?|junctions?|bridges?|overpass(?:es)?|tunnels?|railways?|railroads?|rails?|tracks?|paths?|trails?"
    r"|parkings?|car parks?|lots?|garages?|stations?|buildings?|houses?|homes?|roofs?|rooftops?|villas?|apartments?|blocks?|sheds?|barns?|warehouses?|factor(?:y|ies)|plants?|chimneys?|stacks?|towers?|pylons?|silos?|refiner(?:y|ies)"
    r"|greenhouses?|schools?|hospitals?|church(?:es)?|mosques?|temples?|place of worship|stadiums?|courts?|pitch(?:es)?|playgrounds?|pools?|golf|diamonds?|theat(?:er|re)s?|malls?|stores?|shops?|markets?|cemeter(?:y|ies)|castles?|forts?|ruins?"
    r"|rivers?|streams?|creeks?|canals?|lakes?|ponds?|reservoirs?|dams?|sea|oceans?|bays?|gulfs?|lagoons?|coasts?|coastlines?|shores?|shorelines?|beach(?:es)?|islands?|deltas?|estuar(?:y|ies)|waters?|waves?|waterbod(?:y|ies)|wetlands?|marsh(?:es)?|swamps?|mangroves?"
    r"|forests?|woods?|woodlands?|trees?|palms?|orchards?|plantations?|vineyards?|crops?|fields?|farms?|farmlands?|farming|pastures?|meadows?|grass(?:es|land)?|lawns?|shrubs?|vegetation|greenery|gardens?|parks?|agricultur\w*|irrigat\w*|harvest\w*|cattle|livestock|animals?"
    r"|mountains?|hills?|valleys?|cliffs?|slopes?|ridges?|volcano(?:es)?|glaciers?|snow|ice|deserts?|dunes?|sand|soil|rocks?|quarr(?:y|ies)|mines?|mining|erosion|landslides?|floods?|flooded|flooding|fires?|burn(?:t|ed)|smoke|damage[ds]?|drought|clouds?|cloudy|haze|shadows?"
    r"|villages?|towns?|suburbs?|settlements?|slums?|neighbou?rhoods?|districts?|residential|commercial|industrial|urban|rural|built.?up|infrastructure|construction|constructions|land|landscapes?|land.?cover|land.?use|terrain|ground|surface|areas?|regions?|zones?"
    r"|solar|panels?|turbines?|wind farms?|power (?:lines?|plants?|stations?)|pipelines?|oil|landfills?|people|persons?|pedestrians?|crowds?|objects?|structures?|features?|class(?:es)?|things?|items?|letters? on|digits?|numbers? on|signs?|markings?"
    r"|scenes?|images?|pictures?|photos?|season|pixels?|gsd|resolution of|bands? (?:are|does)|traffic|lanes?|fences?|walls?|gates?|squares?|circles?|colors?|shapes?|sizes?|patterns?|dominant|density|dense|layout|texture|located|situated|parked|moored|docked)"
)


_NAMED = re.compile(rf"\b{SEEN_FROM_ABOVE}\b|\b(?:here|visible|left|right|top|bottom|cent(?:er|re))\b")


def names_something(text: str) -> bool:
    """Whether a clause names a thing that is seen from above, or may in a language not known."""
    return bool(_NAMED.search(text)) or (not text.isascii() and not text.isspace())
