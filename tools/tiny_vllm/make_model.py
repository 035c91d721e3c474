"""Writes a Qwen3-VL of about two million random weights: the real architecture, words of noise.

    .venv-vllm/bin/python tools/tiny_vllm/make_model.py .cache/tiny-qwen3-vl

Nothing is downloaded; it takes seconds. Run it with the venv that install.py makes.
"""

import json
import sys
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

SPECIAL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>",
    "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
WORDS = (
    "You are a helpful assistant. Describe this satellite image in detail.",
    "How many ships, roads and fields are there? Yes. No. water forest harbour coast urban",
    '{"answer": "yes", "count": 12}',
)
BLANKS_AND_DIGITS = set("0123456789ĠĊĉč")  # as byte-level tokenizers spell them
TOKENS = 4096
PIXELS_A_TOKEN = 32 * 32  # patches of 16 pixels, merged two by two
TEMPLATE = """\
{%- for message in messages -%}
<|im_start|>{{ "system" if message.role == "developer" else message.role }}
{% if message.content is string %}{{ message.content }}{% else %}
{%- for part in message.content %}
{%- if part.type in ("image", "image_url") %}<|vision_start|><|image_pad|><|vision_end|>
{%- elif part.type == "text" %}{{ part.text }}
{%- endif %}
{%- endfor %}
{%- endif %}<|im_end|>
{% endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""


def tokenizer() -> Tokenizer:
    """A byte-level one, trained on a few words: any text at all can be said in it."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(WORDS * 20, trainer)
    return made


def tokenizer_config(words: Tokenizer) -> dict[str, Any]:
    """How transformers loads it."""
    special = {
        str(words.token_to_id(name)): {
            "content": name, "special": True,
            "lstrip": False, "rstrip": False, "normalized": False, "single_word": False,
        }
        for name in SPECIAL
    }  # fmt: skip
    return {
        "tokenizer_class": "Qwen2Tokenizer",
        "model_max_length": TOKENS,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "added_tokens_decoder": special,
        "additional_special_tokens": list(SPECIAL[1:]),
        "image_token": "<|image_pad|>",
        "video_token": "<|video_pad|>",
        "vision_bos_token": "<|vision_start|>",
        "vision_eos_token": "<|vision_end|>",
        "chat_template": TEMPLATE,
    }


def processors() -> dict[str, dict[str, Any]]:
    """What turns pictures and videos into patches: 4 to 1024 tokens each, as many as real ones."""
    least, most = 4 * PIXELS_A_TOKEN, 1024 * PIXELS_A_TOKEN
    common: dict[str, Any] = {
        "processor_class": "Qwen3VLProcessor",
        "min_pixels": least, "max_pixels": most,
        "size": {"shortest_edge": least, "longest_edge": most},
        "patch_size": 16, "temporal_patch_size": 2, "merge_size": 2,
        "image_mean": [0.5] * 3, "image_std": [0.5] * 3,
    }  # fmt: skip
    image, video = "Qwen2VLImageProcessorFast", "Qwen3VLVideoProcessor"
    return {
        "preprocessor_config.json": {**common, "image_processor_type": image},
        "video_preprocessor_config.json": {**common, "video_processor_type": video},
    }


def configuration(words: Tokenizer) -> Qwen3VLConfig:
    """Three layers of language, three of sight. vLLM's CPU attention wants heads of 32."""
    ids = {name: words.token_to_id(name) for name in SPECIAL}
    text = {
        "vocab_size": words.get_vocab_size(), "max_position_embeddings": TOKENS,
        "hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 3,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32,
        "rope_parameters": {"rope_type": "default", "rope_theta": 5e6,
                            "mrope_interleaved": True, "mrope_section": [6, 5, 5]},
        "tie_word_embeddings": False,
        "eos_token_id": ids["<|im_end|>"], "pad_token_id": ids["<|endoftext|>"],
    }  # fmt: skip
    vision = {
        "depth": 3, "hidden_size": 128, "out_hidden_size": 128, "intermediate_size": 256,
        "num_heads": 4, "in_channels": 3, "patch_size": 16, "spatial_merge_size": 2,
        "temporal_patch_size": 2, "num_position_embeddings": 256,
        "deepstack_visual_indexes": [0, 1],
    }  # fmt: skip
    return Qwen3VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
        tie_word_embeddings=False,
    )


def write(folder: Path) -> None:
    """The whole model; `weights last: without them there is no model."""
    folder.mkdir(parents=True, exist_ok=True)
    words = tokenizer()
    words.save(str(folder / "tokenizer.json"))
    words.model.save(str(folder))
    for name, content in {"tokenizer_config.json": tokenizer_config(words), **processors()}.items():
        (folder / name).write_text(json.dumps(content, indent=1))
    torch.manual_seed(0)
    model = Qwen3VLForConditionalGeneration(configuration(words)).to(torch.bfloat16)
    ends = [words.token_to_id("<|im_end|>"), words.token_to_id("<|endoftext|>")]
    _steer(model, words)
    model.generation_config.eos_token_id = ends
    model.generation_config.pad_token_id = ends[-1]
    model.save_pretrained(folder)


def _steer(model: Qwen3VLForConditionalGeneration, words: Tokenizer) -> None:
    """Makes ends, digits and blanks unlikely, so that noise can be tested against.

    Answers are as long as they may be, and a number or a blank that a JSON schema asks for does
    not go on for ever. The last layer has no bias: a dimension that is alike in all words is one.
    """
    constant = 0
    model.model.language_model.embed_tokens.weight.data[:, constant] = 0.1
    model.lm_head.weight.data[:, constant] = 0
    for word, number in words.get_vocab().items():
        if word in SPECIAL or set(word) & BLANKS_AND_DIGITS:
            model.lm_head.weight.data[number, constant] = -1


if __name__ == "__main__":
    write(Path(sys.argv[1]))
