"""Recipes: known by their configuration, traced values by path."""

from lamina.recipe import Recipe


class Part(Recipe):
    traced = ("size",)
    labels = ("name",)
    hosted = ("source",)

    def __init__(self, size=1.0, kind="plain", source=None, name=None):
        self.size, self.kind, self.source, self.name = size, kind, source, name


class Whole(Recipe):
    traced = ("weight",)

    def __init__(self, first, others=(), weight=None):
        self.first, self.others, self.weight = first, others, weight


WHOLE = Whole(Part(2.0), [Part(3.0, "odd"), "text", Part(None)], weight=5.0)


def test_equal_by_configuration_alone():
    assert Part(name="a") == Part(name="b") != Part(2.0)
    assert hash(Part(name="a")) == hash(Part(name="b"))
    assert repr(Whole(Part(2.0))) == "Whole(first=Part(size=2.0))"
    assert Whole.from_config(WHOLE.get_config()) == WHOLE


def test_traced_values_by_path():
    """None means that a value is not in use."""
    assert WHOLE.hyper() == {"weight": 5.0, "first/size": 2.0, "others/0/size": 3.0}


def test_values_put_in_by_path_leave_the_original_alone():
    moved = WHOLE.at({"weight": 1.0, "first/size": 7.0, "others/0/size": 8.0})
    assert (moved.weight, moved.first.size, moved.others[0].size, moved.others[0].kind) == (1.0, 7.0, 8.0, "odd")
    assert WHOLE.hyper() == {"weight": 5.0, "first/size": 2.0, "others/0/size": 3.0}
    assert WHOLE.at({}) is WHOLE


def test_the_bare_recipe_forgets_traced_and_hosted_values():
    assert Whole(Part(2.0, source="x")).recipe() == Whole(Part(3.0, source="y")).recipe()
    assert Whole(Part(None)).recipe() != Whole(Part(3.0)).recipe()
    assert Whole(Part(2.0, "odd")).recipe() != Whole(Part(2.0)).recipe()
    assert list(WHOLE.recipe().hyper()) == list(WHOLE.hyper())


def test_traced_parameters_add_to_those_of_the_bases():
    class Longer(Part):
        traced = ("length",)

        def __init__(self, length=2.0, **others):
            super().__init__(**others)
            self.length = length

    assert Longer(3.0, size=4.0).hyper() == {"size": 4.0, "length": 3.0}
