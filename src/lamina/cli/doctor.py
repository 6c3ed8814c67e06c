"""lamina doctor: what is wrong with a training, and what to try."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from lamina.cli.exits import clear_endings, tell
from lamina.cli.fit import fit, request_from
from lamina.cli.groups import names_in, reuse
from lamina.cli.options import with_options_of

#: options of `lamina fit` about what it writes and shows, about several networks, and about earlier trainings
_NOT_HERE = ("out", "refit", "verbose", "n_members", "bootstrap", *names_in(reuse))


@with_options_of(fit, without=_NOT_HERE)
def doctor(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
    **options: Any,
) -> None:
    """Train a network on DATA as `lamina fit` would, and say what stands in its way and what to try."""
    with clear_endings():
        import json

        diagnosis = examine(request_from(context, verbose=False), quiet=as_json)
        tell(json.dumps(diagnosis.to_dict()) if as_json else f"\n{diagnosis}")


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
