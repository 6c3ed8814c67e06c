"""PyTorch: the plain loop of its tutorials, with fused Adam."""

from itertools import pairwise

import numpy as np

from benchmarks.workloads import ALPHA, DROPOUT, LEARNING_RATE, MAX_RATE, MOMENTUM, Net

REQUIRES = ("torch",)


class Trainer:
    def __init__(self, net: Net) -> None:
        import torch

        self.net = net
        self.torch = torch
        self.dtype = getattr(torch, net.dtype)
        self.rng = np.random.RandomState(0)

    def fit(self, X: np.ndarray, y: np.ndarray) -> None:
        torch, net = self.torch, self.net
        self.model = model = self.build(X.shape[1], int(y.max()) + 1)
        weights = [p for p in model.parameters() if p.ndim == 2]
        biases = [p for p in model.parameters() if p.ndim == 1]
        groups = [{"params": weights, "weight_decay": ALPHA / net.batch}, {"params": biases}]
        deep = net.recipe == "deep"
        if deep:
            optimizer = torch.optim.SGD(groups, lr=MAX_RATE, momentum=MOMENTUM, nesterov=True)
            schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, MAX_RATE, net.steps)
        else:
            optimizer = torch.optim.Adam(groups, lr=LEARNING_RATE, fused=True)
        loss_of = torch.nn.CrossEntropyLoss()
        rows, classes = torch.from_numpy(X), torch.from_numpy(y)
        for _ in range(net.epochs):
            total = 0.0
            for batch in torch.from_numpy(self.rng.permutation(len(X))).split(net.batch):
                loss = loss_of(model(rows[batch]), classes[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                if deep:
                    schedule.step()
                total += loss.detach() * len(batch)
            assert float(total) >= 0

    def build(self, inputs: int, classes: int):
        nn = self.torch.nn
        widths = [inputs, *self.net.hidden]
        layers = [part for pair in pairwise(widths) for part in self.block(*pair)]
        return nn.Sequential(*layers, nn.Linear(widths[-1], classes)).to(self.dtype)

    def block(self, inputs: int, units: int):
        nn = self.torch.nn
        linear = nn.Linear(inputs, units)
        if self.net.recipe == "plain":
            return linear, nn.ReLU()
        nn.init.kaiming_normal_(linear.weight)
        return linear, nn.BatchNorm1d(units), nn.ELU(), nn.Dropout(DROPOUT)

    def predict(self, X: np.ndarray) -> np.ndarray:
        with self.torch.inference_mode():
            return self.model(self.torch.from_numpy(X)).argmax(1).numpy()
