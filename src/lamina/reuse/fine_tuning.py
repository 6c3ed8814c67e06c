"""What the two fine-tuning estimators share: opening the source, choosing layers, training in two phases."""

from __future__ import annotations

import copy
import warnings
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import BaseCrossValidator, BaseShuffleSplit
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.validation import check_is_fitted

from lamina.callbacks import Callback
from lamina.checks import Is, Kind, Name, Number, check_parameters
from lamina.engine.history import History
from lamina.engine.uncertainty import Uncertainty
from lamina.errors import DataError, DivergenceError, InvalidParameter
from lamina.models import Sequential
from lamina.neural_network.architecture import whole_widths
from lamina.neural_network.divergence import what_happened
from lamina.neural_network.inputs import check_validation_form
from lamina.neural_network.network import Network
from lamina.neural_network.parameters import CONSTRAINTS
from lamina.neural_network.steps import SGD_SOLVERS
from lamina.optimizers import OPTIMIZERS, Optimizer
from lamina.reuse.choice import Choice, choose
from lamina.reuse.grown import Grown
from lamina.reuse.head import HEADS, Head
from lamina.reuse.phases import FINE_TUNING, FROZEN, TRAINING_ALL, Phase
from lamina.reuse.source import Source, open_source

#: the parameters that are the network's own, under the same names
TRAINING = (
    *("activation", "solver", "alpha", "batch_size", "momentum", "nesterovs_momentum", "dropout", "clipnorm"),
    *("weight_decay", "early_stopping", "validation_fraction", "tol", "verbose"),
)
#: rows per step with ``batch_size="auto"``: the first that makes at most 8 steps per epoch, or else the last; where
#: there are few rows, an epoch shall have several steps all the same
AUTO_BATCHES = (4, 8, 16, 32)
#: how much larger than the others the learning rate of the frozen phase is
FASTER = 10


class FineTuning(BaseEstimator):
    """The way of the rows: columns by name, the source's preprocessing, reused layers, new ones, an output."""

    _constraints: ClassVar = {
        **{name: CONSTRAINTS[name] for name in (*TRAINING, "random_state", "n_iter_no_change")},
        "solver": (Name((*SGD_SOLVERS, *OPTIMIZERS)), Kind((Optimizer,), "an object of lamina.optimizers")),
        "n_reused": (Name(("auto", "all")), Number(0, whole=True)),
        "n_frozen": (Is(None), Number(0, whole=True)),
        "new_hidden": (Number(1, whole=True), Kind((list, tuple, np.ndarray), "a sequence of widths")),
        "frozen_epochs": (Number(0, whole=True),),
        "epochs": (Number(0, whole=True),),
        "learning_rate": (Number(0, open_low=True),),
        "frozen_learning_rate": (Is(None), Number(0, open_low=True)),
        "layer_decay": (Number(0, 1, open_low=True),),
        "head": (Name(HEADS),),
        "cv": (
            Number(2, whole=True),
            Kind((BaseCrossValidator, BaseShuffleSplit, list, tuple), "a splitter or a list of splits"),
        ),
    }
    #: the class of the network
    _network: ClassVar[type[Grown]]
    network_: Any

    @abstractmethod
    def _head(self, source: Source, fits: bool, y: Any) -> Head:
        """What the output begins with; `fits` if it stands where the source's stood."""

    @abstractmethod
    def _own_parameters(self, head: Head) -> dict[str, Any]:
        """Parameters of the network that the other estimator does not have."""

    def _fit(self, *given: Any):
        """Fit, or stay as before if training could not be done; a divergence leaves what was learned until then."""
        before = dict(vars(self))
        try:
            return self._fit_anew(*given)
        except DivergenceError:
            raise
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise

    def _fit_anew(self, X, y, sample_weight=None, validation_data=None, callbacks: Sequence[Callback] = ()):
        self._check_parameters()
        if y is None:
            raise DataError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
        source = self._open_source(X)
        rows = source.columns.rows(self, X, reset=True)
        self.columns_, self.target_transformer_ = source.columns, source.target_transformer
        y = np.asarray(y)
        y = self._target(column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y)
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        if validation_data is not None:
            validation_data = self._validation(validation_data)
        self.choice_ = None
        self.n_reused_, self.n_frozen_ = self._counts(source)
        if self.n_reused == "auto" and (choice := self._choose(source, rows, y, sample_weight, seed)):
            self.choice_, self.n_reused_, self.n_frozen_ = choice.table, choice.n_reused, choice.n_frozen
        self.network_ = self._build(source, self.n_reused_, y, seed, verbose=self.verbose)
        for phase in self.phases(source, self.n_reused_, self.n_frozen_):
            self._train(phase, rows, y, sample_weight, validation_data=validation_data, callbacks=callbacks)
            if self.network_.interrupted_:
                break
        return self

    def _train(self, phase: Phase, *given: Any, **options: Any) -> None:
        """One phase; a divergence is told in this estimator's words."""
        phase.prepare(self.network_)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                self.network_.fit(*given, **options)
        except DivergenceError:
            before = self.n_iter_ - self.network_.n_iter_
            phase.finish(self.network_)
            rate = "frozen_learning_rate" if phase.name == FROZEN else "learning_rate"
            raise DivergenceError(
                f'In the phase "{phase.name}": {what_happened(self.history_["loss"][before:])} The last finite weights '
                f"are kept. Try: a smaller {rate} (now {phase.learning_rate:g}); inputs of the same scale as "
                "the source's."
            ) from None
        phase.finish(self.network_)

    def _check_parameters(self) -> None:
        check_parameters(type(self).__name__, self.get_params(), self._constraints)
        if not self.frozen_epochs + self.epochs:
            raise InvalidParameter("frozen_epochs=0 and epochs=0 train nothing. Give one of them, such as epochs=16.")

    def __sklearn_clone__(self):
        """An unfitted copy with the same source, which scikit-learn would otherwise make an unfitted copy of too."""
        given = {name: clone(value, safe=False) for name, value in self.get_params().items() if name != "source"}
        return type(self)(source=self.source, **given)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters; those of the source are its own, and `set_params` refuses them.

        Parameters
        ----------
        deep : ignored

        Returns
        -------
        dict
        """
        return super().get_params(deep=False)

    def set_params(self, **params: Any) -> FineTuning:
        """Set parameters; not the source's own, which is never changed.

        Parameters
        ----------
        **params : dict
            Values by name.

        Returns
        -------
        self

        Raises
        ------
        InvalidParameter
            For a parameter of the source, such as ``source__alpha``.
        """
        inner = sorted(name for name in params if name.startswith("source__"))
        if inner:
            raise InvalidParameter(
                f"{inner[0]} is a parameter of the source, which is trained and stays as it is. Give another source."
            )
        return super().set_params(**params)

    def _open_source(self, X: Any) -> Source:
        return open_source(self.source)

    def _counts(self, source: Source) -> tuple[int, int]:
        """How many hidden layers are reused, and how many of them stay frozen, unless that is to be found out."""
        most = len(source.blocks)
        n_reused = most if isinstance(self.n_reused, str) else int(self.n_reused)
        if n_reused > most:
            raise InvalidParameter(f"n_reused={n_reused}, but the source has {most} hidden layers. Give at most those.")
        n_frozen = int(self.n_frozen or 0)
        if n_frozen > n_reused:
            raise InvalidParameter(f"n_frozen={n_frozen} of n_reused={n_reused} layers cannot stay frozen.")
        return n_reused, n_frozen

    def phases(self, source: Source, n_reused: int, n_frozen: int) -> list[Phase]:
        """What is trained for how long: the new layers alone, then all but those that stay frozen."""
        trunk = len(source.trunk(n_reused))
        frozen = len(source.trunk(n_frozen)) if n_frozen else 0
        first = Phase(FROZEN, self.frozen_epochs, trunk, self.frozen_learning_rate or FASTER * self.learning_rate)
        second = Phase(FINE_TUNING, self.epochs, frozen, self.learning_rate)
        if not n_reused:  # there is nothing to be careful with
            return [Phase(TRAINING_ALL, self.frozen_epochs + self.epochs, 0, self.learning_rate)]
        return [phase for phase in (first, second) if phase.epochs]

    def _build(self, source: Source, n_reused: int, y: Any, seed: int, **changes: Any) -> Grown:
        """The network before any training."""
        hidden = whole_widths("new_hidden", self.new_hidden)
        head = self._head(source, n_reused == len(source.blocks) and not hidden, y)
        given = {name: getattr(self, name) for name in TRAINING} | {"dtype": source.dtype, "random_state": seed}
        return self._network(
            **given | self._own_parameters(head) | changes,
            trunk=source.trunk(n_reused),
            hidden_layer_sizes=hidden,
            layer_decay=self.layer_decay,
            known_outputs=head.known,
            auto_batch=next(size for size in AUTO_BATCHES if size == AUTO_BATCHES[-1] or 8 * size >= len(y)),
            kernel_initializer="auto",
            # the accuracy of a few rows is soon at its best, and the first best epoch would be gone back to
            scoring="loss" if self.early_stopping else None,
            n_iter_no_change=self.n_iter_no_change if self.early_stopping else np.inf,
            warm_start=True,
        )

    def _choose(self, source: Source, rows: Any, y: Any, weight: Any, seed: int) -> Choice | None:
        """The numbers of layers to reuse and to freeze that do best on held-out rows."""
        frozen = (lambda n: {0, n}) if self.n_frozen is None else (lambda n: {min(self.n_frozen, n)})
        pairs = [(n, f) for n in range(len(source.blocks) + 1) for f in sorted(frozen(n))]
        candidates = {
            pair: (lambda pair=pair: self._build(source, pair[0], y, seed, verbose=False), self.phases(source, *pair))
            for pair in pairs
        }
        usual = next(pair for pair in pairs if pair[0] == len(source.blocks))
        return choose(candidates, usual, rows, y, weight, self.cv, seed)

    def _validation(self, given: Any) -> Any:
        """Validation rows as the network takes them."""
        X, y, *weight = check_validation_form(given)
        return (self.columns_.rows(self, X, reset=False), self._target(np.asarray(y)), *weight)

    def _target(self, y: Any) -> Any:
        """The target as the network is trained on it."""
        return y

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _html_repr(self) -> str:
        """What notebooks show: as of other networks, the curve below the diagram."""
        return Network._html_repr(self)

    def as_trained_on(self, X: Any, y: Any) -> tuple[Any, np.ndarray]:
        """Rows and targets as `fit` gives them to the network.

        Parameters
        ----------
        X, y : array-like
            As `fit` gets them.

        Returns
        -------
        tuple of rows and targets
        """
        copy, source = clone(self), self._open_source(X)
        copy.target_transformer_ = source.target_transformer
        return source.columns.rows(copy, X, reset=True), copy._target(np.asarray(y))

    def _rows(self, X: Any) -> Any:
        """What the network predicts from."""
        check_is_fitted(self, "network_")
        return self.columns_.rows(self, X, reset=False)

    @property
    def history_(self) -> History:
        """What happened in each epoch; its column "phase" says in which phase."""
        return self.network_.history_

    @property
    def n_iter_(self) -> int:
        """Epochs in all phases."""
        return len(self.history_["epoch"])

    @property
    def loss_curve_(self) -> list[float]:
        """The training loss of each epoch."""
        return self.network_.loss_curve_

    @property
    def stop_reason_(self) -> str | None:
        """Why the last phase ended before its last epoch."""
        return self.network_.stop_reason_

    @property
    def model_(self) -> Sequential:
        """The network, from the reused layers to the output, for ``summary()`` and the like."""
        return self.network_.model_

    def evaluate(self, X, y, sample_weight=None, return_dict: bool = False):
        """The loss and the score on given rows, as `MLPClassifier.evaluate` has them."""
        rows, target = self._rows(X), self._target(y)
        return self.network_.evaluate(rows, target, sample_weight, return_dict)

    def hidden_activations(self, X, layer: int = -1) -> np.ndarray:
        """The outputs of a hidden layer, counted over reused and new ones, as `MLPClassifier` has them."""
        rows = self._rows(X)
        return self.network_.hidden_activations(rows, layer)

    def predict_uncertainty(self, X, n_samples: int = 100, shared_mask: bool = False) -> Uncertainty:
        """Many predictions with dropout left on, as `MLPClassifier` has them."""
        rows = self._rows(X)
        return self.network_.predict_uncertainty(rows, n_samples, shared_mask)

    def save(self, path) -> None:
        """Write the estimator to a file that :func:`lamina.load` reads without running code.

        The file holds what was trained and what rows go through before, but not the source: to `fit` again, set it.

        Parameters
        ----------
        path : str or path-like
            The file; an existing one is replaced in one step.
        """
        from lamina.persistence import save

        save(self, path)


@open_source.register(FineTuning)
def _of_fine_tuned(estimator: FineTuning) -> Source:
    check_is_fitted(estimator, "network_")
    source = open_source(estimator.network_)
    source.columns = copy.deepcopy(estimator.columns_)
    source.target_transformer = copy.deepcopy(estimator.target_transformer_)
    return source
