"""Names, in any case, and what else stands for an optimizer."""

import optax
import pytest

from lamina.errors import UnknownName
from lamina.optimizers import SGD, AdamW, Nadam, Optax, RMSprop, ScheduleFreeAdam, get


def test_names_in_any_case():
    assert get("sgd") == get("SGD") == SGD()
    assert [type(get(name)) for name in ("rmsprop", "AdamW", "NADAM")] == [RMSprop, AdamW, Nadam]
    assert type(get("schedulefreeadamw")) is ScheduleFreeAdam


def test_objects_pass_through():
    optimizer = SGD(0.5)
    assert get(optimizer) is optimizer
    transformation = optax.adam(0.1)
    assert get(transformation) == Optax(transformation)


def test_errors():
    with pytest.raises(UnknownName, match=r'Unknown optimizer "adm". Did you mean "adam"\?'):
        get("adm")
    with pytest.raises(ValueError, match=r"a name, an object of lamina.optimizers or an optax.* Received 3."):
        get(3)
