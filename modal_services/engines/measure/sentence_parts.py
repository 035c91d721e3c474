"""Words that many sentence forms share, as regular expressions."""

from __future__ import annotations

PICTURE = r"(?:satellite |aerial |given )?(?:image|picture|photo|photograph|tile|scene)"
FILE = r"(?:satellite |aerial |given )?(?:image|picture|photo|photograph|file|raster)"
THIS = rf"(?:the |this |that )?{PICTURE}"
IT = rf"(?:it|this|{THIS})"
WHOLE = rf"(?:it|this|the (?:whole |entire )?{PICTURE}|this (?:whole )?{PICTURE}|this area)"
HERE = rf"(?: (?:in|on|within|of) {THIS}| here| in it)?"
SHARE = r"(?:share|fraction|percentage|percent|proportion|part)"
MAIN = r"(?:main|dominant|predominant|most common|prevailing|major)"
SIZE = r"(?:size|dimensions?)"
SIDE = r"(?:width|height|width and height)"
LAND_COVER = r"(?:(?:type of )?land[- ]?cover|surface cover|cover)(?: type| class)?"
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
SEA = (
    rf" (?:on|in) (?:the )?(?:open )?(?:water|sea)(?: of {THIS})?| at sea"
    rf"| (?:in|on|within) {THIS}| here"
)
AT_SEA = rf"(?:{SEA})?"
SORT = r"(?:kind|type|sort)"
SITE = r"(?:scene|place|site|environment|area|location|land[- ]use|landscape)"
CLASSES = r"(?:scene|land[- ]use|image|land[- ]use scene)?(?: ?(?:class|category|type|label))"
