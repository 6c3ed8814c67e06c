"""What the tests of models start from."""

import pytest

import lamina as keras


@pytest.fixture
def seeded():
    """The same weights and orders in every test."""
    keras.utils.set_random_seed(0)
