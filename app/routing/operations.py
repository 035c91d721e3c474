"""Image operations that are not questions: grounding (boxes, masks, points) and other tools."""

from __future__ import annotations

from app.routing.rule import Rule, Table
from app.routing.words import BE, SCENE, THIS_SCENE

_PLACES = Table("grounding", "grounding")
_TOOLS = Table("other tools", "other")

_INDEX = (
    r"(?:ndvi|ndwi|ndbi|ndmi|evi|savi|nbr|lst|land surface temperature|spectral (?:index"
    r"|signatures?"
    r"|indices)|histogram|principal components?|band ratio|brightness temperature|albedo"
    r"|soil moisture"
    r"|tvdi|tci|pdsi|(?:dryness|vegetation|water|moisture|burn|snow|difference"
    r"|drought) index|biomass|backscatter|radiance)"
)
_IMAGERY = (
    r"(?:landsat|sentinel|modis|naip|planet(?:scope)?|worldview|maxar|satellite|stac"
    r"|aerial|sar|radar)"
)
_BOX = (
    r"(?:b-?box(?:es)?|(?:bounding|oriented|rotated|horizontal) (?:bounding )?box(?:es)?"
    r"|obbs?|hbbs?"
    r"|(?:pixel |image |exact )?coordinates?(?! (?:reference )?system)|polygons?"
    r"|segmentation(?: map| mask)?s?"
    r"|masks?|heat ?maps?"
    r"|keypoints?|contours?|x and y|x ?, ?y|lat(?:itude)?s?(?: and |/| )lon(?:gitude)?s?)"
)

GROUNDING: tuple[Rule, ...] = (
    _PLACES.rule(
        "a region's token",
        r"\[(?:identify|refer(?:ring)?|grounding|detection|detect|seg(?:mentation)?|loc|box)\]"
        r"|\{\s*(?:<-?[\d.]+>\s*\|?)+|<(?:p|box|ref|refer|seg|loc|region)\d*>"
        r"|\[\s*x\d?\s*,\s*y\d?\b|\[\s*\d+(?:\.\d+)?(?:\s*,\s*\d+(?:\.\d+)?){3}\s*\]",
        whole=True,
    ),
    _PLACES.rule(
        "boxes or points",
        rf"^(?!{BE}\b|how many\b|which\b)(?:.{{0,80}}\b)?(?:return|give|output|draw"
        r"|provide|get|produce"
        r"|generate|show|put|place|predict|report|list|find|locate|detect|what are"
        r"|what is|mark|add|create"
        r"|need|want|export|with|by|using|as|send|make|extract"
        rf"|compute)\b.{{0,60}}\b{_BOX}\b|^{_BOX}\b|^(?:which|what) pixels\b"
        r"|^(?:draw|show|box|mark) (?:it|them)\b|^(?:give|return)(?: me)? (?:an? "
        r"|the )?box(?:es)?\b|\b(?:output|return|give|show|draw"
        r"|predict)(?: me)? (?:the |all )?(?:boxes"
        r"|locations|positions|pixels)\b",
    ),
    _PLACES.rule(
        "a mark on the picture",
        r"^(?:draw|put|place|add) .{0,40}\b(?:box(?:es)?|rectangles?|circles?|outlines?"
        r"|squares?|pins?"
        r"|markers?|lines?|arrows?|frames?|dots?|labels?)\b|^(?:box|bound|circle"
        r"|encircle|mark|highlight"
        r"|outline|pinpoint|delineate|annotate|trace|digiti[sz]e|mask|segment|track|tag)\b"
        r"|^(?:highlight|segment|mark|outline)ing\b",
        unless=r"\bhighlights\b",
    ),
    _PLACES.rule(
        "to be found",
        r"^(?:locate|locali[sz]e|find|detect|predict and|(?:isolate|find|extract"
        r"|identify|locate|detect) and (?:segment|mark|outline|highlight|locate|box)"
        r"|pick out|search for|look for)\b|^point (?:to|at|out|towards)\b"
        r"|^(?:extract|select|isolate) (?!text\b|information\b|features\b)|^label (?:all"
        r"|each|every|the)\b"
        r"|^(?:object|ship|building|vehicle|plane|aircraft|car|road|tree) (?:detection"
        r"|locali[sz]ation"
        r"|segmentation|extraction)\b|^perform (?:object detection|detection"
        r"|segmentation|\w+ segmentation)"
        r"|^visual(?:ly)? ground\w*",
        unless=r"^find out\b|^(?:find|detect|spot) (?:if|whether|how|what|which)\b|^(?:find"
        r"|look for|search for|detect)"
        rf" .{{0,40}}\b{_IMAGERY}\b.{{0,30}}\b(?:images?|imagery|scenes?|data"
        r"|tiles?) (?:of|over|for|from|near|between|with)\b|^detect .{0,20}changes?\b"
        r"|^(?:find|extract) (?:the |a )?(?:total |exact )?(?:number|count|area|length"
        r"|distance|size|percentage|share|width|height)\b",
    ),
    _PLACES.rule(
        "to be shown",
        r"^(?:show|point)(?: me| us)?(?: exactly| precisely)? (?:where|which (?:one"
        r"|building|pixels))\b"
        r"|^show(?: me| us)? (?:all |every |each )?(?:the |any )?(?:location|position)s?\b"
        rf"|^show(?: me| us)? (?:all|every|each|the|only the) (?!{SCENE}\b|difference"
        rf"|change|{_INDEX}|map"
        r"|result|histogram|band|red band|infrared|raw)[\w-]+",
    ),
)

OTHER: tuple[Rule, ...] = (
    _TOOLS.rule(
        "another picture",
        r"\bwhat (?:has |have )?changed?\b|\bhow (?:has|have|did) .{1,60}\bchanged?\b"
        r"|\bchange detection\b"
        r"|\b(?:detect|find|show|map|analy[sz]e|identify|list|spot)\b.{0,30}\bchanges?\b"
        r"|\bchange[sd]? (?:between|since|over|from|compared)\b|\btime ?(?:series|lapse)\b"
        r"|\bbefore and after\b"
        r"|\b(?:between|of) (?:the|these|both) (?:two |2 )?(?:images|pictures|photos"
        r"|dates|scenes|acquisitions)\b"
        rf"|^compare\b.{{0,60}}\b(?:{SCENE}|one|it) (?:from|of|with|to|taken)\b"
        r"|^compare (?:it|this|these|with|to)\b"
        r"|^compare (?:the )?(?:two|both)(?=\W*$| (?:images|pictures|photos|dates|scenes|tiles"
        r"|years)\b)|\b(?:trend|growth|expansion|loss|decline"
        r"|increase) (?:from|between"
        r"|since|over the) .{0,20}(?:19|20)\d\d|\bfrom (?:19|20)\d\d to (?:19|20)\d\d\b"
        r"|\bforecast\b"
        r"|^predict .{0,60}\b(?:next|future|20\d\d|will)\b",
    ),
    _TOOLS.rule(
        "imagery to be fetched",
        r"^(?:get|find|fetch|show|give)(?: me| us)? (?:an? |the |some )?(?:newe[rs]t?|latest"
        r"|(?:more |most )?recent"
        r"|older|oldest|another|historic(?:al)?|updated?|current|higher.resolution|better)\b.{0,20}"
        rf"\b{SCENE}\b|^(?:download|upload|fetch|import|open|load|browse|query|order|buy|grab"
        rf"|retrieve|pull)\b"
        r"|^(?:find|get|search(?: for)?|look for|show|list"
        rf"|give)\b.{{0,40}}\b{_IMAGERY}\b.{{0,30}}\b(?:images?"
        r"|imagery|scenes?|data|tiles?|collections?|passes)\b.{0,60}\b(?:of|over|for"
        r"|from|in|near|between)\b",
        unless=rf"\bin {THIS_SCENE}",
    ),
    _TOOLS.rule(
        "an index or a value of the bands",
        rf"\b(?:{_INDEX})\b",
        unless=rf"^(?:{BE})\b|\b(?:stands? for|means|definition)\b|^what do(?:es)?\b"
        r"|^what is (?:an? )?\w+\W*$",
    ),
    _TOOLS.rule(
        "a picture to be changed",
        r"^(?:crop|zoom|rotate|resize|rescale|flip|mirror|sharpen|deblur|denoise"
        r"|despeckle|enhance|upscale"
        r"|super-?resol\w*|brighten|darken|colori[sz]e|recolou?r|pan-?sharpen|blur"
        r"|inpaint|dehaze|defog"
        r"|filter|edit|retouch|stretch|normali[sz]e|animate|stitch|mosaic|merge|overlay"
        r"|clip|cut|tile"
        r"|split|mask out|fuse|correct|calibrate|equali[sz]e|invert|replace|remove|erase"
        r"|delete|clean"
        r"|paint|swap|move|add|increase|decrease|reduce|adjust|improve|apply|fill"
        r"|simulate|render)\b",
        unless=r"\bin words\b|^add up\b|^move on\b|^add (?:more|some|a bit|details?)\b",
    ),
    _TOOLS.rule(
        "a file or a map to be made",
        r"^(?:export|save|convert|reproject|warp|georeference|geo-?code|register"
        r"|orthorectify|vectori[sz]e"
        r"|polygoni[sz]e|rasteri[sz]e|compress|print|share(?! of\b)|send|store|publish|transform"
        r"|project|plot|chart"
        r"|graph|train|fine-?tune|run|execute|use the|perform|batch|schedule|monitor"
        r"|alert|notify|watch)\b"
        r"|^(?:generate|create|make|build|produce|give me|show(?: me)?|compute|derive"
        r"|prepare|plot|draw)"
        r"(?: me)? (?:an? |the )?(?:new |synthetic |fake |false.?colou?r |true.?colou?r "
        r"|3d |interactive |\w+ )?"
        r"(?:images?|pictures?|maps?|gifs?|videos?|timelapse|animation|composite|model"
        r"|dem|shapefile"
        r"|geojson|csv|table|chart|graph|plot|histogram|mosaic|thumbnail|band|layer"
        r"|dataset|dashboard|pdf)\b"
        r"|^(?:show|give|display)(?: me)? (?:only |just )?(?:the )?(?:red|green|blue"
        r"|(?:near.)?infra.?red|nir"
        r"|swir|thermal)(?: \w+)? (?:bands?|channels?)\b"
        r"|\b(?:as|to|into) (?:an? )?(?:geojson|shapefile|kml|csv|pdf|false.?colou?r|epsg)\b"
        r"|\bclassify (?:every|each|all) pixels?\b|\bpixel.?wise\b|\b(?:land.?cover"
        r"|land.?use) (?:map|mapping"
        r"|classification map)\b|\bsuper.?resolution\b|^make (?:it|this|that|the image"
        r"|the picture|the photo) (?:bright|dark|sharp|clear|big|small|larg"
        r"|black|gr[ae]y|colou?r|less (?:blurry|noisy|cloudy)|more (?:contrast|sharp"
        r"|vivid))|\bversion of (?:this|the|it)\b|\bpatch\b.{0,20}\btiles\b",
        unless=r"\bbig picture\b|\b(?:caption|description|summary|report|alt.?text|overview)\b"
        r"|^run (?:me )?through\b"
        rf"|^use the {SCENE}\b|^show(?: me)? the {SCENE}\W*$|^perform (?:an? )?(?:count"
        r"|analysis|assessment)",
    ),
)

CALCULATION: tuple[Rule, ...] = (
    _TOOLS.rule(
        "a calculation",
        r"^(?:compute|calculate|derive|retrieve|model|interpolate|regress|cluster|threshold)\b",
    ),
)
