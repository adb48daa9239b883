package dev.baton.cli.qemu;

import dev.baton.cli.qemu.QemuCommandLine.Device;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code -netdev}, {@code -nic} and {@code -net}: networks of the user kind, and cards that are plugged in before all devices. */
final class QemuNetwork {
    static final String NOTE = "user network: it has a gateway, a name server and DHCP, and leads nowhere";
    /** What a {@code -net nic} and the {@code -net user} beside it are connected to. */
    private static final String HUB = "hub0";
    private static final List<String> MODELS = List.of("virtio", "virtio-net-pci");

    private final Set<String> netdevs = new HashSet<>();
    private final List<Map<String, String>> cards = new ArrayList<>();
    private boolean hub;

    /** @return true if there is a network, of which somebody may want to be told */
    boolean netdev(String value) {
        KeyValues v = new KeyValues("-netdev", value, "type");
        String type = v.take("type", "");
        if (type.equals("none")) {
            v.end();
            return false;
        }
        netdevs.add(v.need("id"));
        user(v, type);
        return true;
    }

    /** Where guests' addresses come from is fixed; what would let somebody in or out is refused by the key's name. */
    private static void user(KeyValues v, String type) {
        if (!type.equals("user")) {
            throw v.refusal("expected user or none");
        }
        v.flag("restrict", true);
        v.only("ipv4", "on");
        v.ignore("ipv6", "hostname");
        v.end();
    }

    boolean nic(String value) {
        KeyValues v = new KeyValues("-nic", value, "type");
        String type = v.take("type", "");
        if (type.equals("none")) {
            v.end();
            return false;
        }
        String id = v.take("id", "nic" + cards.size());
        netdevs.add(id);
        card(v, id, "mac");
        user(v, type);
        return true;
    }

    boolean net(String value) {
        KeyValues v = new KeyValues("-net", value, "type");
        String type = v.take("type", "");
        if (type.equals("nic")) {
            card(v, v.take("netdev", HUB), "macaddr");
            v.ignore("name", "vectors");
            v.end();
        } else if (type.equals("none")) {
            v.end();
        } else {
            v.ignore("name");
            user(v, type);
            hub = true;
        }
        return hub;
    }

    private void card(KeyValues v, String netdev, String address) {
        String model = v.take("model", "virtio");
        if (!MODELS.contains(model)) {
            throw v.refusal("model=" + model + ": expected " + String.join(" or ", MODELS));
        }
        Map<String, String> card = new LinkedHashMap<>(Map.of("netdev", netdev));
        v.take(address).ifPresent(mac -> card.put("mac", mac));
        cards.add(card);
    }

    /** @throws QemuOptionException if a device names a network that is not there */
    List<Device> cards(List<Device> devices) {
        devices.forEach(d -> d.property("netdev").filter(id -> !netdevs.contains(id)).ifPresent(id -> {
            throw new QemuOptionException(d.toString(), "there is no -netdev of that id");
        }));
        return cards.stream().map(this::plugged).toList();
    }

    /** A card on a hub without a network is a cable that ends nowhere. */
    private Device plugged(Map<String, String> card) {
        Map<String, String> properties = new LinkedHashMap<>(card);
        String netdev = card.get("netdev");
        if (netdev.equals(HUB) && !hub) {
            properties.remove("netdev");
        } else if (!netdev.equals(HUB) && !netdevs.contains(netdev)) {
            throw new QemuOptionException("-net nic,netdev=" + netdev, "there is no -netdev of that id");
        }
        return new Device("virtio-net-pci", properties);
    }
}
