"""lamina doctor: what is wrong with a training, and what to try."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

from lamina.cli.exits import clear_endings, tell
from lamina.cli.fit import fit, request_from

#: options of `lamina fit` about what it writes and shows, and about several networks
_OF_FIT_ALONE = ("out", "refit", "verbose", "n_members", "bootstrap")


def doctor(context: typer.Context, as_json: bool = False, **options: Any) -> None:
    """Train a network on DATA as `lamina fit` would, and say what stands in its way and what to try."""
    with clear_endings():
        import json

        request = request_from(context, out=None, refit=None, verbose=False, n_members=1, bootstrap=False)
        request.options.pop("as_json")
        diagnosis = examine(request, quiet=as_json)
        tell(json.dumps(diagnosis.to_dict()) if as_json else f"\n{diagnosis}")


def _take_the_options_of_fit() -> None:
    """Typer reads a command's options from its signature: those of `fit`, and --json."""
    parameters = dict(inspect.signature(fit, eval_str=True).parameters)
    for name in _OF_FIT_ALONE:
        del parameters[name]
    as_json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
    own = inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=as_json)
    doctor.__signature__ = inspect.Signature([*parameters.values(), own])  # type: ignore[attr-defined]
    doctor.__annotations__ = {name: parameter.annotation for name, parameter in parameters.items()}
    doctor.__annotations__["as_json"] = as_json


_take_the_options_of_fit()


def examine(request: Any, quiet: bool) -> Any:
    """The diagnosis of a training on the encoded training rows, validated on the test rows."""
    from sklearn.preprocessing import StandardScaler

    import lamina
    from lamina.cli.parameters import parameters_from
    from lamina.cli.training import pose
    from lamina.data.encode import TableEncoder
    from lamina.inspection import doctor as diagnose

    problem = pose(request, quiet)
    parameters = parameters_from(request.options, problem.task)
    encoder = TableEncoder(clip=request.clip or None)
    rows = encoder.fit_transform(problem.train.table), encoder.transform(problem.test.table)
    if problem.task == "classification":
        return diagnose(
            lamina.MLPClassifier(**parameters), rows[0], problem.train.target, (rows[1], problem.test.target)
        )
    scaler = StandardScaler().fit(problem.train.target[:, None])
    targets = [scaler.transform(part.target[:, None])[:, 0] for part in (problem.train, problem.test)]
    return diagnose(lamina.MLPRegressor(**parameters), rows[0], targets[0], (rows[1], targets[1]))
