"""The refusal of a question in another language, in that language."""
# ruff: noqa: E501 - a sentence is read as one

from __future__ import annotations

from collections.abc import Mapping

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
