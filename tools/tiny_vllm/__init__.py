"""A real vLLM that serves a tiny random Qwen3-VL on a CPU, for tests of the serving path."""
