"""The persistent cache of compiled programs."""

from __future__ import annotations

import functools
import os

import jax
import platformdirs


@functools.cache
def use_persistent_cache() -> None:
    """Keep compiled programs in the user's cache folder, unless LAMINA_CACHE=0 or JAX's own cache is configured.

    ``LAMINA_CACHE`` may also name another folder. Called once, before the first program is built.
    """
    wanted = os.environ.get("LAMINA_CACHE", "")
    if wanted == "0" or getattr(jax.config, "jax_compilation_cache_dir", None):
        return
    folder = wanted or os.path.join(platformdirs.user_cache_dir("lamina"), "programs")
    jax.config.update("jax_compilation_cache_dir", folder)
    # dense nets compile in well under JAX's threshold of a second, and that is what a user waits for
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
