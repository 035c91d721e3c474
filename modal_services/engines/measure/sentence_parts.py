"""Words that many sentence forms share, as regular expressions."""

from __future__ import annotations

PICTURE = r"(?:satellite |aerial |given )?(?:image|picture|photo|photograph|tile|scene)"
FILE = r"(?:satellite |aerial |given )?(?:image|picture|photo|photograph|file|raster)"
THIS = rf"(?:the |this |that )?{PICTURE}"
IT = rf"(?:it|this|{THIS})"
WHOLE = (
    rf"(?:it|this|the (?:whole |entire |total )?{PICTURE}|this (?:whole |entire )?{PICTURE}"
    r"|(?:the|this) (?:whole |entire )?(?:area|region)|this land)"
)
HERE = (
    rf"(?: (?:anywhere |shown |seen |visible )?(?:in|on|within|of|across|from) (?:{THIS}"
    r"|(?:the|this) (?:whole |entire )?(?:area|region)|the (?:frame|view)"
    r"|(?:the|this) (?:file|raster)|it|this)"
    r"| here| anywhere| in view| at all| overall| in total)?"
)
# The ways to ask for a thing that has a name: "what is the share of water", "estimate the share".
WHAT_IS = r"(?:what is (?:the )?|what are (?:the )?|which is (?:the )?|(?:the )?)"
GIVE = (
    r"(?:(?:give(?: me)?|estimate|calculate|compute|measure|determine|report|state|list|name)"
    r" (?:the |an? )?)"
)
ASK = rf"(?:{GIVE}|{WHAT_IS})(?:total |overall |approximate |exact )?"
COVERED = r"(?:(?:covered|taken up|occupied) (?:by|with|in) )?"
COVERS_IT = r"(?:cover|take up|occupy|make up|fill)"
SHARE = r"(?:share|fraction|percentage|percent|proportion)"
MAIN = r"(?:main|dominant|predominant|most common|prevailing|prevalent|major|primary|principal)"
LARGEST = rf"(?:{MAIN}|largest|biggest|leading|most (?:extensive|widespread|frequent))"
MOSTLY = r"(?:mostly|mainly|predominantly|largely|primarily|chiefly)"
SIZE = r"(?:size|dimensions?)"
SIDE = r"(?:width|height|width and height)"
LAND_COVER = (
    r"(?:(?:(?:type|kind|sort|class) of )?(?:land[- ]?cover|surface cover|cover)"
    r"(?: type| class| category)?)"
)
CRS = (
    r"(?:crs|epsg(?: code)?|(?:map )?projection|coordinate (?:reference )?system"
    r"|coordinate reference system \(crs\)|spatial reference(?: system)?)"
)
GSD = (
    r"(?:gsd|ground sampl(?:e|ing) distance(?: \(gsd\))?|(?:spatial|ground) resolution"
    r"|pixel size|resolution)"
)
EDGES = r"(?:(?:geographic )?(?:bounds|extent|coordinates|footprint|bounding box|location))"
SHIPS = r"(?:ships|boats|vessels)"
SHIP = r"(?:ship|boat|vessel)"
SEA = (
    rf" (?:on|in) (?:the )?(?:open )?(?:water|sea)(?: of {THIS})?| at sea"
    rf"| (?:in|on|within) {THIS}| here"
)
AT_SEA = rf"(?:{SEA})?"
SORT = r"(?:kind|type|sort)"
SITE = r"(?:scene|place|site|environment|area|location|land[- ]use|landscape)"
CLASSES = r"(?:scene|land[- ]use|image|land[- ]use scene)?(?: ?(?:class|category|type|label))"
BAND = (
    r"(?:red|green|blue|alpha|thermal|panchromatic|(?:near[- ]?|short[- ]?wave )?infrared|nir|swir)"
    r" (?:band|channel)"
)
POSITION = r"(?:coordinates?|position|latitude and longitude|longitude and latitude|location)"
