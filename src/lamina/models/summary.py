"""The table of a model's layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lamina.models.stack import Stack


def summary_text(model: Stack) -> str:
    """Layers, output shapes, activations and numbers of parameters, as text of at most 80 columns."""
    import rich.box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=rich.box.SIMPLE_HEAD, title=f'Model: "{model.name}"')
    for heading in ("Layer", "Output shape", "Activation"):
        table.add_column(heading)
    table.add_column("Parameters", justify="right")
    for layer in model.layers:
        activation = getattr(layer, "activation", "") or ""
        shown = activation if isinstance(activation, str) else getattr(activation, "__name__", repr(activation))
        shape = str((None, *(layer.output_shape or ()))) if layer.store is not None else "?"
        count = f"{layer.count_params():,}" if layer.store is not None else "not built"
        table.add_row(f"{layer.name} ({type(layer).__name__})", shape, shown, count)
    trainable = sum(weight.size for weight in model.trainable_weights)
    total = model.count_params()
    console = Console(width=80, color_system=None, force_terminal=False)
    with console.capture() as text:
        console.print(table)
        console.print(f" Total parameters: {total:,}  ({model.dtype})")
        console.print(f" Trainable parameters: {trainable:,}")
        console.print(f" Non-trainable parameters: {total - trainable:,}")
    return text.get()
