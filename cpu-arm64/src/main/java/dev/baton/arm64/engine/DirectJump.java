package dev.baton.arm64.engine;

import dev.baton.arm64.Arm64Cpu;

/**
 * A jump to a constant address. Links to the blocks found there are kept: within the virtual page they hold as long as the
 * block itself, into another page as long as that page was last translated under the fetch key in use.
 */
public abstract class DirectJump extends Jump {
    public final long target;
    public final long following;
    private final boolean near;
    private final boolean followingNear;
    private Block link;
    private Block followingLink;

    protected DirectJump(long pc, long target) {
        this.target = target;
        following = pc + 4;
        near = (pc ^ target) >>> 12 == 0;
        followingNear = (pc ^ following) >>> 12 == 0;
    }

    @Override
    public final DirectJump linking() {
        return this;
    }

    protected final Block taken(Arm64Cpu c) {
        Block b = link;
        return b != null && (near || b.page.key == c.fetchKey) ? b : c.engine.unlinked(this, target);
    }

    protected final Block fallThrough(Arm64Cpu c) {
        Block b = followingLink;
        return b != null && (followingNear || b.page.key == c.fetchKey) ? b : c.engine.unlinked(this, following);
    }

    /** The block at {@code c.pc}, where this jump just went, was found. */
    final void link(Block b) {
        if (b.pc == target) {
            link = b;
        }
        if (b.pc == following) {
            followingLink = b;
        }
    }
}
