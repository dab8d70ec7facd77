# A real training as an oracle, in PyTorch: reads a request, trains a cell of Digits-201, answers, and ends; it is started
# again for the next.  (Needs python3 with torch and scikit-learn; on Debian python3-torch and python3-sklearn.)
#   npx optiproxy search --space digits201 --oracle 'process:python3 examples/train.py' --objective val_acc --queries 30 \
#     --concurrency 2 --timeout 600 --retries 1 --storage digits.db
import json
import re
import sys

import torch
from sklearn.datasets import load_digits
from torch import nn

EPOCHS, CHANNELS = 20, 16


def operation(name):
    conv = lambda k: nn.Sequential(nn.ReLU(), nn.Conv2d(CHANNELS, CHANNELS, k, padding=k // 2), nn.BatchNorm2d(CHANNELS))
    return {
        "none": lambda: None,
        "skip_connect": nn.Identity,
        "avg_pool_3x3": lambda: nn.AvgPool2d(3, 1, 1),
        "nor_conv_1x1": lambda: conv(1),
        "nor_conv_3x3": lambda: conv(3),
    }[name]()


class Network(nn.Module):
    def __init__(self, architecture):  # like |nor_conv_3x3~0|+|none~0|skip_connect~1|+|...|: for each node its inputs
        super().__init__()
        nodes = [re.findall(r"(\w+)~(\d)", node) for node in architecture.split("+")]
        self.stem = nn.Sequential(nn.Conv2d(1, CHANNELS, 3, padding=1), nn.BatchNorm2d(CHANNELS))
        self.inputs = [[int(source) for _, source in node] for node in nodes]
        self.edges = nn.ModuleList(nn.ModuleList(operation(name) or nn.Module() for name, _ in node) for node in nodes)
        self.none = [[name == "none" for name, _ in node] for node in nodes]
        self.head = nn.Linear(CHANNELS, 10)

    def forward(self, images):
        nodes = [self.stem(images)]
        for inputs, edges, none in zip(self.inputs, self.edges, self.none):
            parts = [edge(nodes[i]) for i, edge, no in zip(inputs, edges, none) if not no]
            nodes.append(sum(parts) if parts else torch.zeros_like(nodes[0]))
        return self.head(nodes[-1].mean((2, 3)))


def train(request):
    torch.manual_seed(request["seed"] % 2**63)
    images, labels = (torch.tensor(part) for part in load_digits(return_X_y=True))
    images = images.float().view(-1, 1, 8, 8) / 16
    network = Network(request["architecture"])
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3)
    for epoch in range(1, round(EPOCHS * request["budget"]) + 1):
        network.train()
        for batch in torch.randperm(1200).split(64):
            optimiser.zero_grad()
            nn.functional.cross_entropy(network(images[batch]), labels[batch]).backward()
            optimiser.step()
        network.eval()
        with torch.no_grad():
            accuracy = (network(images[1200:]).argmax(1) == labels[1200:]).float().mean().item() * 100
        print(json.dumps({"id": request["id"], "step": epoch, "metrics": {"val_acc": accuracy}}), flush=True)
    return {"val_acc": accuracy}


request = json.loads(sys.stdin.readline())
print(json.dumps({"id": request["id"], "metrics": train(request)}), flush=True)
