"""Tables in, arrays out: the host side, before training."""

from lamina.data.encode import TableEncoder
from lamina.data.table import choose_target, choose_task, read_table

__all__ = ["TableEncoder", "choose_target", "choose_task", "read_table"]
