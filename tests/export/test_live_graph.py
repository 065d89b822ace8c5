"""live_graph: what a network from elsewhere costs in the browser; what it computes there is tested with the browser's own layers."""

from __future__ import annotations

from vae_core.base.layers import Conv
from vae_core.export.live_graph import browser_macs
from vae_core.model.tracing import trace


def test_in_the_browser_groups_cost_as_much_as_none_and_many_of_them_are_counted_too() -> None:
    layer = Conv(inputs=512, outputs=512, kernel=(3, 3), stride=(1, 1), padding=(1, 1, 1, 1), groups=512, bias=True)
    network = [layer] * 8
    assert browser_macs(network, (512, 64, 64)) == 512 * trace(network, (512, 64, 64)).macs > 50e9
