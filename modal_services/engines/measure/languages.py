"""Which language a question is in, as far as a polite refusal needs to know."""
# ruff: noqa: E501, SIM905 - lists of words and sentences are read as such

from __future__ import annotations

import re
from collections.abc import Mapping

_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),  # kana, before Han
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
)
# Small words that English has not; two of them make a language. Words that two of these languages
# share stand with both, and the one with the most wins.
_WORDS: Mapping[str, frozenset[str]] = {
    "es": frozenset(
        "el la los las un una hay cuántos cuántas cuantos cuantas qué que en esta este imagen de"
        " del es son donde dónde cuánta cuanta agua cuál cual describe describa y".split()
    ),
    "fr": frozenset(
        "le la les un une y-a-t-il a-t-il est-ce combien quelle quel sur cette cet dans de du des"
        " il y décris décrivez l'image est sont où eau d'eau image qu'est-ce".split()
    ),
    "de": frozenset(
        "der die das ein eine gibt es wie viele viel auf diesem dieser bild im ist sind wo was"
        " beschreibe beschreiben zeigt und wasser den dem wieviele".split()
    ),
    "pt": frozenset(
        "o os a as um uma há quantos quantas nesta neste imagem de da do na no é são onde qual"
        " descreva água e que".split()
    ),
    "it": frozenset(
        "il lo la gli le un una c'è ci sono quanti quante quanta in questa immagine di della è"
        " dove quale descrivi acqua che nell'immagine".split()
    ),
    "nl": frozenset(
        "de het een hoeveel zijn er op deze dit afbeelding beeld foto in is waar wat beschrijf"
        " water zie je van".split()
    ),
    "id": frozenset(
        "ada berapa apakah di ini gambar yang dan pada dalam mana jelaskan kapal rumah".split()
    ),
    "tr": frozenset(
        "kaç tane var mı mi bu görüntüde resimde nerede ne bir ve görüntü gemi betimle".split()
    ),
    "hi": frozenset("kitne kitni mein kya hai hain yahan dikh rahe ghar yeh koi".split()),
}
_ENGLISH = frozenset(
    "is are the how many much what which this there any of image in does can do you describe and"
    " water a an to for with on".split()
)
LEAST = 2


def language_of(text: str) -> str:
    """ISO 639-1 of a text; "en" where nothing speaks against it."""
    for language, script in _SCRIPTS:
        if script.search(text):
            return language
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text.lower().replace("’", "'"))
    english = sum(word in _ENGLISH for word in words)
    counts = {name: sum(word in known for word in words) for name, known in _WORDS.items()}
    best = max(counts, key=counts.__getitem__)
    if counts[best] >= LEAST and counts[best] > english:
        return best
    return "en" if text.isascii() or english else best if counts[best] else "en"


REFUSALS: Mapping[str, str] = {
    "es": "Solo entiendo unas pocas clases de preguntas en inglés: sin un modelo de visión y "
    "lenguaje mido agua, vegetación, colores y tamaño. Conecte uno con VQA_BASE_URL.",
    "fr": "Je ne comprends que quelques questions en anglais : sans modèle vision-langage, je mesure "
    "l'eau, la végétation, les couleurs et la taille. Connectez-en un avec VQA_BASE_URL.",
    "de": "Ich verstehe nur einige Arten von Fragen auf Englisch: Ohne ein Bild-Sprach-Modell messe "
    "ich Wasser, Vegetation, Farben und Größe. Verbinden Sie eines mit VQA_BASE_URL.",
    "pt": "Só entendo alguns tipos de perguntas em inglês: sem um modelo de visão e linguagem, meço "
    "água, vegetação, cores e tamanho. Conecte um com VQA_BASE_URL.",
    "it": "Capisco solo alcuni tipi di domande in inglese: senza un modello di visione e linguaggio "
    "misuro acqua, vegetazione, colori e dimensioni. Collegatene uno con VQA_BASE_URL.",
    "nl": "Ik begrijp maar een paar soorten vragen, in het Engels: zonder beeld-taalmodel meet ik "
    "water, vegetatie, kleuren en grootte. Verbind er een met VQA_BASE_URL.",
    "id": "Saya hanya memahami beberapa jenis pertanyaan dalam bahasa Inggris: tanpa model bahasa "
    "visual, saya mengukur air, vegetasi, warna, dan ukuran. Hubungkan dengan VQA_BASE_URL.",
    "tr": "Yalnızca İngilizce birkaç tür soruyu anlıyorum: görsel dil modeli olmadan su, bitki "
    "örtüsü, renk ve boyut ölçerim. VQA_BASE_URL ile bir model bağlayın.",
    "ru": "Я понимаю лишь несколько видов вопросов на английском: без визуально-языковой модели я "
    "измеряю воду, растительность, цвета и размер. Подключите модель через VQA_BASE_URL.",
    "hi": "मैं अंग्रेज़ी में कुछ ही तरह के प्रश्न समझता हूँ: विज़न-लैंग्वेज मॉडल के बिना मैं पानी, वनस्पति, रंग "
    "और आकार मापता हूँ। VQA_BASE_URL से एक मॉडल जोड़ें।",
    "zh": "我只能理解少数几类英文问题：没有视觉语言模型时，我可以测量水体、植被、颜色和尺寸。"
    "请通过 VQA_BASE_URL 连接一个模型。",
    "ja": "英語の限られた質問だけを理解します。視覚言語モデルがない場合、水域、植生、色、大きさを測定します。"
    "VQA_BASE_URL でモデルを接続してください。",
    "ko": "영어로 된 몇 가지 질문만 이해합니다. 시각 언어 모델이 없으면 물, 식생, 색, 크기를 측정합니다. "
    "VQA_BASE_URL로 모델을 연결하세요.",
    "ar": "أفهم أنواعًا قليلة من الأسئلة بالإنجليزية: من دون نموذج للرؤية واللغة أقيس الماء والغطاء النباتي "
    "والألوان والحجم. صِلوا نموذجًا عبر VQA_BASE_URL.",
}
