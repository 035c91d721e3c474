"""The same questions in other languages: the words that carry them, most telling first.

Spanish, French, German, Portuguese, Italian, Dutch, Russian, Hindi (also in Latin letters),
Chinese, Japanese, Korean, Arabic, Indonesian and Turkish. Words that English has too are left out,
or ask for more around them.
"""

from __future__ import annotations

from app.routing.plan import Subtype
from app.routing.rule import Rule, Table

_CHAT = Table("chat, other languages", "off_topic")
_MARK = Table("grounding, other languages", "grounding")
_TOOL = Table("other tools, other languages", "other")
_CAPTION = Table("description, other languages", "captioning")
_AREA = Table("measurement, other languages", "vqa", "area")
_COUNT = Table("count, other languages", "vqa", "counting")
_OPEN = Table("open question, other languages", "vqa", "general")
_YESNO = Table("yes or no, other languages", "vqa", "yesno")

_IMAGE = (
    r"(?:im[aá]gen|im[aá]gem|image|bild|foto|photo|immagine|afbeelding|снимк\w*"
    r"|изображени\w*|картинк\w*|фото"
    r"|तस्वीर|चित्र|छवि|图|圖|照片|影像|画像|写真|이미지|사진|صورة|الصورة|gambar|citra"
    r"|görüntü|resim|foto[gğ]raf|escena|cena"
    r"|scène|szene|scena|tasveer)"
)


def _open(name: str, pattern: str, subtype: Subtype | None = None) -> Rule:
    return _OPEN.rule(f"{name}, in another language", pattern, subtype)


LANGUAGES: tuple[Rule, ...] = (
    _CHAT.rule(
        "chat, in another language",
        r"\bcapital de\b|\bhauptstadt\b|\bcapitale (?:de|di|della)\b|столиц[аы]|的首都"
        r"|首都は|수도는|राजधानी|عاصمة|ibu kota"
        r"|başkent|\bwas kannst du\b|\bwer bist du\b|\bqué puedes hacer\b|\bquién eres\b"
        r"|\bque peux-tu faire\b|\bqui es-tu\b"
        r"|\bque sais-tu\b|\bcosa (?:puoi|sai) fare\b|\bchi sei\b|\bo que (?:você"
        r"|voce) (?:pode|sabe)\b|\bquem é você\b"
        r"|\bwie ben je\b|\bwat kun je\b|что ты умеешь|кто ты\b|तुम कौन|आप कौन"
        r"|आप क्या कर सकते|你是谁|你能做什么|你会什么|あなたは誰"
        r"|何ができ|너는 누구|무엇을 할 수 있|뭘 할 수 있|من أنت|ماذا يمكنك"
        r"|\bsiapa kamu\b|\bkamu siapa\b|apa yang bisa kamu|\bsen kimsin"
        r"|ne yapabilirsin|总统|大統領|대통령|президент|\bpresidente de\b|\bprésident\b"
        r"|\bpräsident|\bwer (?:ist|war) (?:der|die|das)\b.{0,40}\bvon\b|\bwetter\b"
        r"|\bel tiempo (?:en|hoy|mañana)|\bmétéo\b"
        r"|погода|星期几|何曜日|几号|как (?:тебя|вас) зовут|wie heißt du"
        r"|comment tu t'appelles|cómo te llamas|come ti chiami|你叫什么|名前は何"
        r"|이름이 뭐|तुम्हारा नाम|ما اسمك|siapa nama|adın ne|天气|天気|날씨|मौसम|الطقس"
        r"|\bcuaca\b|\bhava durumu\b|\bwer hat\b"
        r"|\bquién (?:es|fue|inventó|escribió|ganó)\b|\bqui (?:est|a) (?!ce)"
        r"|\bchi (?:è|ha)\b|\bquem (?:é|foi)\b|\bhora es\b|\bwie spät|\bquelle heure"
        r"|\bche or[ea] |\bque horas|который час|几点|何時|몇 시|\berzähl\w* mir"
        r"|\braconte|\bcuéntame|\bconte-moi|\braccontami|расскажи (?:мне )?(?:анекдот"
        r"|сказку|историю)|讲个|ты кто|\bhistoire\b|\bwitz\b|\bchiste\b|\bblague\b|笑话"
        r"|анекдот|\btradu(?:ce|is|isez|z|ci)\b|\bübersetze\b|переведи|翻译"
        r"|[订訂].{0,6}(?:票|酒店|餐)|खाना|\bgracias por\b"
        r"|^\W*(?:buenos días|buenas (?:tardes|noches)|boa noite|buona ?sera|goedemorgen"
        r"|goedendag|早上好|おはよう\w*|さようなら|안녕\w*)\W*$"
        r"|^\W*(?:bitte|por favor|s'il vous plaît)\W*$",
        whole=True,
        unless=r"\bclima de\b",
    ),
    _TOOL.rule(
        "another tool's work, in another language",
        r"\bt[eé]l[eé]charge[rz]?\b|\bdescarga[r]?\b|\bherunterladen\b|^lade\b"
        r"|\bbaixa[r]?\b|\bbaixe\b|\bscarica(?:re)?\b"
        r"|скача(?:й|ть)|下载|ダウンロード|다운로드|डाउनलोड|حمّ?ل |\bunduh\b|\bindir\b"
        r"|\brecorta[r]?\b|\brecadre[rz]?\b|\bzuschneiden\b"
        r"|обрежь|裁剪|切り取|自르|放大|拡大|확대|увеличь|\bndvi\b"
        r"|\bcalcula(?:r)? el [íi]ndice|变化检测|変化を検出|変化検出",
    ),
    _MARK.rule(
        "boxes, in another language",
        r"^\W*(?:найди|найдите|выдели|отметь|обведи|покажи,? где)|标[出记注]|框[出选]"
        r"|圈出|定位|検出して|囲んで|マークして|見つけて|位置を示"
        r"|표시해|찾아|탐지|चिह्नित|ढूंढ|ढूँढ|खोजो|حدد|ضع علامة|\bencuentra\b"
        r"|\bse[nñ]ala\b|\bmarca (?:todos|todas|los|las|el|la)\b|\blocaliza\b|\brodea\b"
        r"|\bresalta\b|^\W*(?:trouve[rz]?|rep[eè]re[rz]?|entoure[rz]?|localise[rz]?"
        r"|surligne[rz]?|d[eé]tecte[rz]?|encadre[rz]?)\b"
        r"|\bsegment(?:ez|iere|a|ar)\b|\bmarkiere?n?\b|\b(?:detektiere|kennzeichne"
        r"|erkenne)n?\b(?= (?:alle|die|den|das|jede\w*)\b)|\bfinde (?:alle|die|den|das)\b"
        r"|\blokalisiere\b|\bumrande\b"
        r"|\bzeige mir,? wo\b|\bencontr[ea] (?:todos|todas|os|as|o|a)\b"
        r"|\bmarque (?:todos|todas|os|as)\b|\btrova (?:tutti|tutte|gli|i|le|la|il)\b"
        r"|\bevidenzia\b|\bmarkeer\b|\bzoek alle\b|\bvind (?:alle|de|het)\b"
        r"|\btandai\b|\btemukan\b|\bişaretle\w*|\bbul\b(?=\W*$)|\bkutu (?:içine|çiz)"
        r"|\bmark karo\b|\bdhoondh?o\b|कहाँ हैं दिखाओ",
    ),
    _AREA.rule(
        "a share, in another language",
        r"\bkitn[ai] (?:area|hissa|ilaka|pani|jungle|zameen|percent|fisdi)\b|\bporcenta(?:je"
        r"|gem)\b|\bpourcentage\b|\bprozent\b|\bpercentuale\b"
        r"|\bprocent(?:o)?\b|\bpercentage (?:van|del)\b|процент|доля|百分|占比|比例"
        r"|何パーセント"
        r"|割合|퍼센트|비율|प्रतिशत|फीसदी|نسبة|\bpersen(?:tase)?\b|yüzde|\bpratishat\b"
        r"|\bqu[eé] (?:parte|proporci[oó]n|fracci[oó]n)\b|\bquelle (?:part|proportion)\b"
        r"|\bquale (?:parte|porzione|frazione)\b|\bque (?:parte|proporção|fração)\b"
        r"|\bwelcher anteil\b|\banteil\b|\bwelk deel\b|какая часть"
        r"|\bcu[aá]nt[oa] (?:de la imagen|agua|bosque|vegetaci[oó]n)\b"
        r"|\bwie ?viel (?:wasser|wald|vegetation|fläche|davon)\b|\bquant[oa] (?:agua"
        r"|água|acqua|bosco|floresta|verde|vegetação|vegetazione)\b|\bcombien (?:d'eau"
        r"|de forêt|de végétation)\b",
        "coverage_percent",
    ),
    _AREA.rule(
        "a size, in another language",
        r"\bwie groß\b|\bwie gross\b|\bfläche\b|\bquanto (?:è|e|é|são|sono) grand[ei]\b"
        r"|\bqu[aã]o grande\b|\btaman(?:ho|o)\b|\btamaño\b|\bqu[eé] tan grande\b"
        r"|\bsuperfici[ee]?\b"
        r"|\b[aá]rea (?:del?|da|do|dell\w*|cubierta|total)\b|\bqu[eé] [aá]rea\b"
        r"|\bqual (?:é )?a [aá]rea\b|\bcu[aá]l es el [aá]rea\b|\bquelle (?:taille"
        r"|surface|superficie)\b|\bquelle est la (?:taille|surface|superficie)\b"
        r"|\bhoe groot\b|\boppervlakte\b|площад|какого размера|насколько (?:велик|больш"
        r"|широк|обшир)|面积|面積|有多大|多大|どのくらい(?:の)?(?:大き|広)|大きさ|広さ"
        r"|면적|넓이|얼마나 (?:큰|큽|넓|커|크)|क्षेत्रफल|कितना बड़ा|कितनी बड़ी"
        r"|مساحة|كم (?:تبلغ )?مساحة|\bluas(?:nya)?\b|\bseberapa (?:besar|luas)\b"
        r"|\balanı\b|\bne kadar büyük\b|\byüzölçümü\b|\bkitn[aie] bad[aie]\b"
        r"|\bkshetrafal\b|\bhect[aá]re(?:a)?s\b|\bettari\b|\bhekt[aá]r\w*|гектар|公顷"
        r"|ヘクタール|헥타르|हेक्टेयर",
        "area",
        unless=r"^convert\b",
    ),
    _AREA.rule(
        "a length, in another language",
        r"\bcu[aá]nto mide\b|\bquanto (?:mede|misura)\b|\blongitud\b|\b(?:ancho|anchura|altura"
        r"|largo) (?:del?|da"
        r"|do)\b|\blongueur\b|\blargeur\b|\bwie (?:lang|breit"
        r"|hoch|weit)\b|\bquanto (?:è|é|mede) (?:lung|larg|alt|compri)\w*"
        r"|\bcomprimento\b|\blunghezza\b"
        r"|\bqu[eé] tan (?:larg|alt|anch)\w*|\bhoe (?:lang|breed|hoog|ver)\b"
        r"|насколько (?:длин|высок|далек)|какова (?:длина|ширина|высота)|длин[аы]|多长"
        r"|多宽|多高|多远|長さ|幅は|高さ|どのくらいの長|距離|길이|너비|높이|거리|लंबाई"
        r"|चौड़ाई|ऊ[ँं]चाई|कितनी लंब|दूरी|طول|عرض|ارتفاع|المسافة"
        r"|\bpanjang(?:nya)?\b|\blebar(?:nya)?\b|\btinggi(?:nya)?\b"
        r"|\bseberapa (?:panjang|lebar|tinggi|jauh)\b|\buzunlu[gğ]u\b|\bgenişliği\b"
        r"|\bne kadar uzun\b|\bdistancia\b|\bdistância\b|\bquelle distance\b"
        r"|\bentfernung\b|\bdistanza\b|расстояние|\blambai\b",
        "length",
    ),
    _COUNT.rule(
        "how many, in another language",
        r"多少(?!米|公里)|几[个艘架辆座栋条棵只片处间]|幾[個艘架輛座棟]|数一[数下]|数量"
        r"|计数|請?數一|何(?:台|隻|機|本|人|個|棟|艘|軒|頭|件|つ|カ所|箇所)|いくつ"
        r"|数えて|몇 ?(?:개|척|대|채|명|그루|마리)|세어|개수|कितन[ेी]?(?! ?(?:बड|लंब"
        r"|प्रतिशत|दूर))|गिन|\bkitn[aie]\b(?! ?(?:pratishat|bad|lamb|door))|\bgin(?:o"
        r"|iye|ti)\b"
        r"|\bberapa (?!luas|besar|panjang|persen|lebar|tinggi|jauh)|\bhitung(?:lah)?\b"
        r"|\bjumlah\b|\bkaç\b|\bsay(?:ısı|ın)\b|\bcombien\b|\bnombre de\b"
        r"|\bcompte[rz]?\b|\bwie ?viele?n?\b|\banzahl\b|\bz[aä]hle?n?\b"
        r"|\bcu[aá]nt[oa]s\b|\bcuent[ae]\b|\bcontar\b|\bn[uú]mero de\b|\bquant[oaie]s?\b(?! (?:è"
        r"|é) )|\bcont[aei] (?:os|as|i|gli|le|o|a)\b|\bnumero di\b|\bhoeveel\b"
        r"|\baantal\b|\btel (?:de|het|alle)\b|сколько|посчитай|подсчитай|количеств|كم\b"
        r"|عدد|احسب|\bkolik\b|\bile (?!\w+\W*$)|\bhur många\b|\bhvor mange\b"
        r"|\bkuinka (?:monta|monia)\b|\bhány\b|πόσ[αεο]|скільки|\bcâ[tț][eți]\b|כמה|กี่"
        r"|\bbao nhiêu\b|چند|\bilang?\b(?= )",
        "count",
    ),
    _open(
        "a color",
        r"\bqu[eé] color|\bde que cor\b|\bque cor\b|\bqual (?:é )?a cor\b"
        r"|\bquelle couleur|\bcouleur\b|\bwelche farbe|\bfarbe\b|\bche colore"
        r"|\bdi che colore|\bwelke kleur|\bkleur\b|цвет|颜色|顏色|何色|色は|무슨 색|색깔"
        r"|색은|रंग|لون|\bwarna\b|\bne renk|\brengi\b|\bkis rang|\brang ka?i?\b"
        r"|\bkaunsa rang",
        "color",
    ),
    _open(
        "a position",
        r"\bd[oó]nde\b|\boù (?:se|est|sont)|\bwo (?:ist|sind|befinde|liegt|liegen|steht)"
        r"|\bonde (?:fica|est|se)|\bdove (?:si|è|sono)|\bwaar (?:is|zijn|ligt|staat"
        r"|bevind)|\bгде\b|哪里|哪裡|在哪|什么位置|どこ|어디|कहाँ|कहां|أين|\bdi mana\b"
        r"|\bdimana\b|\bnerede|\bkahan\b",
        "position",
    ),
    _CAPTION.rule(
        "a description, in another language",
        r"描述|描写|描繪|说明(?:一下)?(?:这|该|图)|介绍(?:一下)?(?:这|该|图)|概括|说说"
        r"|说明してください|説明して|説明を|描写して|キャプション|설명|묘사|요약|要約|总结|वर्णन"
        r"|बताओ (?:क्या|इस)|विवरण|\bvarnan\b|\bdescribe kar\w*|\bdescription de\b|\brésumé\b"
        r"|\bdescribe lo\b|\berkläre?\b|什么图|这是什么\W*$|何が写|что на (?:снимке|фото"
        r"|изображении|картинке)|ما الذي (?:تراه|يظهر|يوجد)|\bd[eé]cri(?:s|vez|re"
        r"|ption)\b|\bl[eé]gende[rz]?\b|\br[eé]sume[zr]?\b"
        rf"|\bbeschreib\w*|\bbildunterschrift\b|\bopisz\b|\bpopiš\b"
        rf"|\bdescrib[aei]\w*\b(?=.{{0,30}}{_IMAGE})|\bdescriba\b"
        r"|\bdescribe (?:la|el|esta|este|lo)\b|\bdescripci[oó]n\b|\bdescrev[ae]\b"
        r"|\bdescri[cç][aã]o\b|\bdescrivi\w*|\bdescrizione\b|\bbeschrijf\w*"
        r"|\bbeschrijving\b|опиши|описание|описать|صف\b|وصف|اشرح|\bjelaskan\b"
        r"|\bdeskripsikan\b|\bgambarkan\b|\bdeskripsi\b|\baçıkla\w*|\btarif et"
        r"|\bbetimle\w*|\bözetle\w*"
        r"|\bwas (?:ist|sieht|zeigt|siehst|kann man|gibt es)\b.{0,50}(?:sehen|bild|foto"
        r"|man|du|hier)\b|\bque (?:voit-on|vois-tu|voyez-vous|montre)|\bqu'est-ce qu[e']"
        r"|\bqué (?:se ve|ves|muestra|hay|aparece)\b(?=\W*(?:en|esta|la|aquí|$))"
        r"|\bo que (?:se vê|você vê|mostra|há|aparece)|\b(?:che )?cosa (?:si vede|vedi"
        r"|mostra|c'è)|\bwat (?:zie|is er|staat er|toont)\b|что (?:изображено|видно"
        r"|ты видишь|на (?:снимке|фото|изображении))|(?:图|照片|影像)[中里上]?(?:有|是"
        r"|显示)(?:了)?什么|看到(?:了)?什么|何が(?:写|見|映)|무엇이 (?:보|있)|뭐가 (?:보"
        r"|있)|क्या (?:दिख|दिखाई|है\W*$)|ماذا (?:ترى|يوجد|تظهر|يظهر)"
        r"|apa yang (?:terlihat|ada|kamu lihat)|\bne görüyorsun|\bneler var|\bkya dikh"
        r"|\bkya hai is",
    ),
    _open(
        "a choice",
        r"还是|還是|それとも|아니면|또는|या (?:फिर )?[^\s?]+ (?:क्षेत्र|है)"
        r"|\boder\b.{0,40}\?|\bou\b.{0,40}\?|\b(?:rural|urban[ao]?|ländlich) (?:o|ou"
        r"|oder|of) |\b(?:es|è|é) .{1,40} o .{1,30}\?|\bили\b|\bأم\b|\batau\b|\byoksa\b"
        r"|\bya\b (?:shehri|gramin)",
        "choice",
    ),
    _open(
        "a reason",
        r"为什么|為什麼|なぜ|どうして|왜\b|क्यों|لماذا|\bmengapa\b|\bkenapa\b|\bneden\b"
        r"|\bniçin\b|\bpor qu[eé]\b|\bpourquoi\b|\bwarum\b|\bwieso\b|\bperch[eé]\b"
        r"|\bwaarom\b|почему|зачем|\bkyu?n\b|\bkyon\b",
        "reasoning",
    ),
    _open(
        "a kind of thing",
        r"什么(?:类型|种类|样|季节|地方|建筑|作物|船|飞机|东西)|哪(?:种|类|个|些|一)"
        r"|何の|どんな|どの|どちら|무슨|어떤|어느|किस|कौन|कैसा|أي (?:نوع|مدينة|بلد|لون)"
        r"|ما (?:هو|هي|نوع)|\bjenis apa\b|\bapa jenis|\bmana yang\b|\bne tür|\bhangi\b"
        r"|\bqu[eé] (?:tipo|clase)|\bcu[aá]l(?:es)?\b|\bquels?\b|\bquelles?\b"
        r"|\bwelche[rsn]?\b|\bqua(?:l|is|le|li)\b|\bche tipo\b|\bque tipo\b|\bwelk[e]?\b"
        r"|\bwat voor\b|\bwas für\b|как(?:ой|ая|ое|ие|ого)\b|\bkaun ?s[aie]\b|\bkis\b",
        "category",
    ),
    _YESNO.rule(
        "yes or no, in another language",
        r"\by a-t-il\b|^czy\b|^(?:pas|aucune?) .{1,40}\?|\best-ce (?:que|qu')|\best-(?:il|elle"
        r"|ce)\b|\bil y a\b.*\?"
        r"|\bvoit-on\b|\bgibt es\b|\bsiehst du\b|\bzu sehen\s*\?|\bvois-tu\b|^(?:tu vois"
        r"|vedi|ves|vês)\b|^(?:ist|sind|hat|kann man|sieht man|befindet sich"
        r"|befinden sich|liegt) |^¿?\s*(?:hay|existe[n]?|es|son|est[aá]n?|tiene[n]?"
        r"|se ve[n]?|puedes ver)\b|^(?:existe[m]?|há|tem|é|são|está|estão|dá para ver)\b"
        r"|\bc'è\b|\bci sono\b|^(?:è|sono|si vede|ha) |^(?:is er|zijn er|staat er|zie je"
        r"|is het|is dit|heeft)\b"
        r"|есть ли|\bесть\b.{1,40}\?|видно ли|\bли\b|имеется ли|有没有|有沒有|是否"
        r"|是不是|吗[？?]?|嗎"
        r"|(?:あります|います|です|見えます|ある)か|있(?:나요|습니까|어요|니|는가)"
        r"|인가요|입니까|없(?:나요|습니까)|^क्या|\bकोई .{1,40}(?:है|हैं)\s*[?？]"
        r"|^هل|(?:है|हैं) क्या|\bapakah\b|\badakah\b|\bada\b.{1,40}\?|\b(?:var"
        r"|yok) m[ıi]\b|\bm[ıiuü]\s*\?|\bm[ıi]d[ıi]r\b|^kya\b",
        "presence",
    ),
)
