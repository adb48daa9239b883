package dev.baton.devices.net;

import java.nio.ByteBuffer;

/**
 * The network 10.0.2.0/24 of QEMU's {@code -netdev user}, with its addresses and without its way out: a DHCP server, a gateway at .2 and a
 * name server at .3 that answer ARP and echo requests. Whatever else is asked is turned down at once, as a machine without services
 * does, so that nobody waits for a time-out: TCP by a reset (RFC 9293, 3.10.7.1), the rest by ICMP (RFC 792, RFC 1122).
 */
public final class UserNetwork implements Wire {
    private static final int GATEWAY = 0x0a00_0202;
    private static final int NAME_SERVER = 0x0a00_0203;
    private static final int GUEST = 0x0a00_020f;
    private static final int MASK = 0xffff_ff00;
    private static final int EVERYBODY = -1;

    private static final int ARP = 0x0806;
    private static final int IPV4 = 0x0800;
    private static final int ETHERNET = 14;
    private static final int ARP_END = ETHERNET + 28;

    private static final int ICMP = 1;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int DHCP_SERVER = 67;
    private static final int DHCP_CLIENT = 68;

    private static final int ECHO_REPLY = 0;
    private static final int UNREACHABLE = 3;
    private static final int HOST = 1;
    private static final int PORT = 3;
    private static final int ECHO = 8;
    /** An error quotes the header and so much of what follows. */
    private static final int QUOTED = 8;
    private static final int ICMP_HEADER = 8;
    private static final int UDP_HEADER = 8;
    private static final int TCP_HEADER = 20;
    private static final int FIN = 1;
    private static final int SYN = 2;
    private static final int RST = 4;
    private static final int ACK = 16;

    @Override
    public byte[] answer(byte[] frame) {
        if (frame.length < ETHERNET) {
            return null;
        }
        ByteBuffer f = ByteBuffer.wrap(frame);
        return switch (f.getShort(12)) {
            case ARP -> frame.length < ARP_END ? null : arp(f);
            case IPV4 -> {
                Ip ip = Ip.of(f);
                yield ip == null ? null : ip(ip);
            }
            default -> null;
        };
    }

    private static boolean isHere(int address) {
        return address == GATEWAY || address == NAME_SERVER;
    }

    /** Locally administered, from the address: 52:55:a.b.c.d, as QEMU has them. */
    private static long mac(int address) {
        return 0x5255L << 32 | Integer.toUnsignedLong(address);
    }

    private static void putMac(ByteBuffer b, long mac) {
        b.putShort((short) (mac >>> 32)).putInt((int) mac);
    }

    private static long getMac(ByteBuffer b, int at) {
        return (long) (b.getShort(at) & 0xffff) << 32 | b.getInt(at + 2) & 0xffff_ffffL;
    }

    private static int u16(ByteBuffer b, int at) {
        return b.getShort(at) & 0xffff;
    }

    // ARP: RFC 826 ------------------------------------------------------------------------------------------------------

    private static byte[] arp(ByteBuffer f) {
        int asked = f.getInt(ETHERNET + 24);
        boolean request = f.getLong(ETHERNET) == 0x0001_0800_0604_0001L;
        if (!request || !isHere(asked)) {
            return null;
        }
        ByteBuffer r = ByteBuffer.allocate(ARP_END);
        putMac(r, getMac(f, 6));
        putMac(r, mac(asked));
        r.putShort((short) ARP).putLong(0x0001_0800_0604_0002L);
        putMac(r, mac(asked));
        r.putInt(asked);
        putMac(r, getMac(f, ETHERNET + 8));
        r.putInt(f.getInt(ETHERNET + 14));
        return r.array();
    }

    // IPv4: RFC 791 -----------------------------------------------------------------------------------------------------

    /** A datagram that is whole. @param data offset of what it carries @param end offset after it */
    private record Ip(ByteBuffer frame, int protocol, int source, int destination, int data, int end) {
        /** @return null if it is damaged, or a fragment */
        static Ip of(ByteBuffer f) {
            int left = f.capacity() - ETHERNET;
            int header = left < 20 ? 0 : (f.get(ETHERNET) & 0xf) * 4;
            if (header < 20 || (f.get(ETHERNET) & 0xf0) != 0x40) {
                return null;
            }
            int total = u16(f, ETHERNET + 2);
            boolean whole = total >= header && total <= left && (u16(f, ETHERNET + 6) & 0x3fff) == 0;
            if (!whole || sum(f, ETHERNET, ETHERNET + header, 0) != 0) {
                return null;
            }
            return new Ip(f, f.get(ETHERNET + 9) & 0xff, f.getInt(ETHERNET + 12), f.getInt(ETHERNET + 16), ETHERNET + header,
                    ETHERNET + total);
        }

        int length() {
            return end - data;
        }
    }

    /** RFC 1071, complemented: 0 over what holds a right checksum. */
    private static int sum(ByteBuffer b, int from, int to, int initial) {
        int sum = initial;
        for (int i = from; i < to; i++) {
            sum += (b.get(i) & 0xff) << ((i - from & 1) == 0 ? 8 : 0);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return ~sum & 0xffff;
    }

    private static byte[] ip(Ip ip) {
        return switch (ip.protocol) {
            case UDP -> udp(ip);
            case ICMP -> icmp(ip);
            case TCP -> tcp(ip);
            default -> unreachable(ip, PORT);
        };
    }

    /** A datagram to whoever sent {@code ip}; the buffer stands where its data go. */
    private static ByteBuffer reply(Ip ip, int from, int to, int protocol, int bytes) {
        ByteBuffer r = ByteBuffer.allocate(ETHERNET + 20 + bytes);
        putMac(r, getMac(ip.frame, 6));
        putMac(r, mac(GATEWAY));
        r.putShort((short) IPV4).put((byte) 0x45).put((byte) 0).putShort((short) (20 + bytes)).putInt(0);
        r.put((byte) 64).put((byte) protocol).putShort((short) 0).putInt(from).putInt(to);
        r.putShort(ETHERNET + 10, (short) sum(r, ETHERNET, ETHERNET + 20, 0));
        return r;
    }

    // ICMP --------------------------------------------------------------------------------------------------------------

    private static byte[] icmp(Ip ip) {
        if (ip.length() < ICMP_HEADER || ip.frame.get(ip.data) != ECHO) {
            return null;
        }
        if (!isHere(ip.destination)) {
            return unreachable(ip, HOST);
        }
        ByteBuffer r = reply(ip, ip.destination, ip.source, ICMP, ip.length());
        int at = r.position();
        r.put(at, ip.frame, ip.data, ip.length());
        r.put(at, (byte) ECHO_REPLY).putShort(at + 2, (short) 0);
        r.putShort(at + 2, (short) sum(r, at, r.capacity(), 0));
        return r.array();
    }

    /** Nobody is told about what went to many: RFC 1122, 3.2.2. */
    private static byte[] unreachable(Ip ip, int code) {
        if (ip.destination == EVERYBODY || ip.destination >>> 28 == 0xe || (ip.destination | MASK) == -1 && sameNet(ip.destination)) {
            return null;
        }
        int quoted = Math.min(ip.end - ETHERNET, ip.data - ETHERNET + QUOTED);
        ByteBuffer r = reply(ip, GATEWAY, ip.source, ICMP, ICMP_HEADER + quoted);
        int at = r.position();
        r.put((byte) UNREACHABLE).put((byte) code).putShort((short) 0).putInt(0);
        r.put(r.position(), ip.frame, ETHERNET, quoted);
        r.putShort(at + 2, (short) sum(r, at, r.capacity(), 0));
        return r.array();
    }

    private static boolean sameNet(int address) {
        return (address & MASK) == (GATEWAY & MASK);
    }

    // TCP ---------------------------------------------------------------------------------------------------------------

    private static byte[] tcp(Ip ip) {
        int header = ip.length() < TCP_HEADER ? 0 : (ip.frame.get(ip.data + 12) & 0xf0) >>> 2;
        int flags = header < TCP_HEADER ? RST : ip.frame.get(ip.data + 13);
        if ((flags & RST) != 0 || header > ip.length()) {
            return null;
        }
        int took = ip.length() - header + (flags & SYN) / SYN + (flags & FIN);
        boolean acknowledged = (flags & ACK) != 0;
        ByteBuffer r = reply(ip, ip.destination, ip.source, TCP, TCP_HEADER);
        int at = r.position();
        r.putShort(ip.frame.getShort(ip.data + 2)).putShort(ip.frame.getShort(ip.data));
        r.putInt(acknowledged ? ip.frame.getInt(ip.data + 8) : 0).putInt(acknowledged ? 0 : ip.frame.getInt(ip.data + 4) + took);
        r.put((byte) 0x50).put((byte) (acknowledged ? RST : RST | ACK));
        r.putShort(at + 16, (short) sum(r, at, r.capacity(), pseudoHeader(r, TCP, TCP_HEADER)));
        return r.array();
    }

    /** What the checksums of TCP and UDP begin with; not complemented. */
    private static int pseudoHeader(ByteBuffer r, int protocol, int length) {
        return (~sum(r, ETHERNET + 12, ETHERNET + 20, 0) & 0xffff) + protocol + length;
    }

    // UDP and DHCP: RFC 2131, RFC 2132 ------------------------------------------------------------------------------------

    private static final int BOOTP_OPTIONS = 240;
    private static final int BOOTP_BYTES = 300;
    private static final int COOKIE = 0x6382_5363;
    private static final int OPTION_MASK = 1;
    private static final int OPTION_ROUTER = 3;
    private static final int OPTION_NAME_SERVER = 6;
    private static final int OPTION_REQUESTED = 50;
    private static final int OPTION_LEASE = 51;
    private static final int OPTION_TYPE = 53;
    private static final int OPTION_SERVER = 54;
    private static final int OPTION_END = 255;
    private static final int DISCOVER = 1;
    private static final int OFFER = 2;
    private static final int REQUEST = 3;
    private static final int ACKNOWLEDGE = 5;
    private static final int REFUSE = 6;
    private static final int INFORM = 8;
    private static final int DAY = 86_400;

    private static byte[] udp(Ip ip) {
        if (ip.length() < UDP_HEADER) {
            return null;
        }
        boolean toServer = ip.destination == EVERYBODY || ip.destination == GATEWAY;
        if (toServer && u16(ip.frame, ip.data + 2) == DHCP_SERVER) {
            return ip.length() < UDP_HEADER + BOOTP_OPTIONS ? null : dhcp(ip, ip.data + UDP_HEADER);
        }
        return unreachable(ip, isHere(ip.destination) ? PORT : HOST);
    }

    /** The four bytes, or the one, of an option; 0 if it is absent. */
    private static int option(Ip ip, int first, int code) {
        int at = first;
        while (at + 1 < ip.end) {
            int c = ip.frame.get(at) & 0xff;
            if (c == 0) {
                at++;
                continue;
            }
            int n = ip.frame.get(at + 1) & 0xff;
            if (c == OPTION_END || at + 2 + n > ip.end) {
                return 0;
            }
            if (c == code) {
                return n == 1 ? ip.frame.get(at + 2) & 0xff : n == 4 ? ip.frame.getInt(at + 2) : 0;
            }
            at += 2 + n;
        }
        return 0;
    }

    private static byte[] dhcp(Ip ip, int bootp) {
        boolean request = ip.frame.getInt(bootp) == 0x0101_0600 && ip.frame.getInt(bootp + BOOTP_OPTIONS - 4) == COOKIE;
        int options = bootp + BOOTP_OPTIONS;
        int wanted = option(ip, options, OPTION_REQUESTED);
        int asked = wanted == 0 ? ip.frame.getInt(bootp + 12) : wanted;
        return !request ? null : switch (option(ip, options, OPTION_TYPE)) {
            case DISCOVER -> lease(ip, bootp, OFFER, GUEST);
            case REQUEST -> asked == GUEST ? lease(ip, bootp, ACKNOWLEDGE, GUEST) : lease(ip, bootp, REFUSE, 0);
            case INFORM -> lease(ip, bootp, ACKNOWLEDGE, 0);
            default -> null;
        };
    }

    private static byte[] lease(Ip ip, int bootp, int type, int address) {
        ByteBuffer r = reply(ip, GATEWAY, EVERYBODY, UDP, UDP_HEADER + BOOTP_BYTES);
        int at = r.position();
        r.putShort((short) DHCP_SERVER).putShort((short) DHCP_CLIENT).putShort((short) (UDP_HEADER + BOOTP_BYTES)).putShort((short) 0);
        int reply = r.position();
        r.putInt(0x0201_0600).putInt(ip.frame.getInt(bootp + 4));
        r.putInt(reply + 16, address).putInt(reply + 20, type == REFUSE ? 0 : GATEWAY);
        r.put(reply + 28, ip.frame, bootp + 28, 16).position(reply + BOOTP_OPTIONS - 4).putInt(COOKIE);
        r.put((byte) OPTION_TYPE).put((byte) 1).put((byte) type);
        word(r, OPTION_SERVER, GATEWAY);
        if (type != REFUSE) {
            word(r, OPTION_MASK, MASK);
            word(r, OPTION_ROUTER, GATEWAY);
            word(r, OPTION_NAME_SERVER, NAME_SERVER);
        }
        if (address != 0) {
            word(r, OPTION_LEASE, DAY);
        }
        r.put((byte) OPTION_END);
        int checksum = sum(r, at, r.capacity(), pseudoHeader(r, UDP, UDP_HEADER + BOOTP_BYTES));
        r.putShort(at + 6, (short) (checksum == 0 ? 0xffff : checksum));
        return r.array();
    }

    private static void word(ByteBuffer r, int option, int value) {
        r.put((byte) option).put((byte) 4).putInt(value);
    }
}
