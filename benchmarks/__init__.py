"""Lucid against PyTorch and JAX, measured so that the figures can be trusted.

``python -m benchmarks`` prints one line a row; `rows` says what is measured and which ratio
is to be held, `turns` how.
"""
