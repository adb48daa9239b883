package dev.baton.core.mem;

/** Passes everything on to the checks that were there; for those that want to hear more. */
public abstract class ForwardingChecks implements MemoryChecks {
    private final MemoryChecks next;

    protected ForwardingChecks(MemoryChecks next) {
        this.next = next;
    }

    @Override
    public void pocReadOfDirtyLine(Accessor who, long pa, int size, long cached, long poc, boolean fetch) {
        next.pocReadOfDirtyLine(who, pa, size, cached, poc, fetch);
    }

    @Override
    public void cachedReadOfStaleLine(Accessor who, long pa, int size, long cached, long poc) {
        next.cachedReadOfStaleLine(who, pa, size, cached, poc);
    }

    @Override
    public void writeBackOverPocStore(Accessor who, long line, byte[] cached, byte[] poc) {
        next.writeBackOverPocStore(who, line, cached, poc);
    }

    @Override
    public void watchedStore(Accessor who, long pa, long size, View view) {
        next.watchedStore(who, pa, size, view);
    }

    @Override
    public void watchedMaintenance(Accessor who, long line, Maintenance op) {
        next.watchedMaintenance(who, line, op);
    }
}
