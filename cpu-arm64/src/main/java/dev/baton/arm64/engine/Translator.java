package dev.baton.arm64.engine;

import static java.lang.classfile.ClassFile.ACC_FINAL;
import static java.lang.classfile.ClassFile.ACC_STATIC;

import dev.baton.arm64.Arm64Cpu;
import dev.baton.arm64.Insn;
import dev.baton.arm64.Translation;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;

/**
 * T1: hot blocks as JVM bytecode. The class of a block calls {@link Insn#execute} of each of its handlers in turn, with the handlers as
 * {@code static final} fields: the JIT compiler knows their classes, so nothing is dispatched, and with
 * {@code -XX:+TrustFinalNonStaticFields} their operands too, so a register written by one and read by the next stays in a host
 * register. Semantics stay where they are, in the handlers. A block that jumps to itself loops inside its class.
 *
 * <p>Hot is what slices often end in: a sample that costs the run loop nothing. What is translated when changes no result, only speed.
 */
final class Translator {
    private static final String PREFIX = "i";
    private static final ClassDesc NAME = ClassDesc.of("dev.baton.arm64.engine.Translated");
    private static final ClassDesc SUPER = of(TranslatedBlock.class);
    private static final ClassDesc INSN = of(Insn.class);
    private static final ClassDesc JUMP = of(Jump.class);
    private static final ClassDesc BLOCK = of(Block.class);
    private static final ClassDesc CPU = of(Arm64Cpu.class);
    private static final ClassDesc ENGINE = of(Engine.class);
    private static final ClassDesc SELF = of(Translator.class);
    private static final MethodTypeDesc EXECUTE = MethodTypeDesc.of(ConstantDescs.CD_void, CPU);
    private static final MethodTypeDesc NEXT = MethodTypeDesc.of(BLOCK, CPU);
    private static final MethodTypeDesc AGAIN = MethodTypeDesc.of(ConstantDescs.CD_boolean, BLOCK);
    private static final MethodTypeDesc CONSTRUCTOR = MethodTypeDesc.of(ConstantDescs.CD_void, JUMP);
    private static final MethodTypeDesc HANDLER = MethodTypeDesc.of(INSN, ConstantDescs.CD_int);
    private static final MethodTypeDesc WHOLE = MethodTypeDesc.of(BLOCK);
    /** Handlers a block has at least: fewer gain little. */
    private static final int FEWEST = 3;

    /** The block that is being translated, for the initializer of its class. */
    private static Block block;

    private final Translation when;
    private int translated;

    Translator(Translation when) {
        this.when = when;
    }

    private static ClassDesc of(Class<?> c) {
        return c.describeConstable().orElseThrow();
    }

    /** A block was built. */
    void built(Block b) {
        if (when.samples() == 0) {
            translate(b);
        }
    }

    /** A slice ended in {@code b}, which may be null, when the CPU had executed so many instructions. */
    void sample(Block b, long instructions) {
        if (instructions >= when.after() && b != null && ++b.samples == when.samples()) {
            translate(b);
        }
    }

    private void translate(Block b) {
        if (b.body.length + 1 >= FEWEST && b.count != Block.NOT_SIMPLY && translated < when.most()) {
            translated++;
            b.becomes(jump(b));
        }
    }

    private static synchronized Jump jump(Block b) {
        block = b;
        byte[] bytes = ClassFile.of().build(NAME, c -> write(c, b));
        try {
            MethodHandles.Lookup made = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return (Jump) made.lookupClass().getDeclaredConstructor(Jump.class).newInstance(b.jump);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        } finally {
            block = null;
        }
    }

    /** Called by the initializer of a block's class. */
    static Insn handler(int i) {
        return i < block.body.length ? block.body[i] : block.jump;
    }

    /** Called by the initializer of a block's class. */
    static Block whole() {
        return block;
    }

    // Class files -------------------------------------------------------------------------------------------------------------

    private static void write(ClassBuilder c, Block b) {
        c.withSuperclass(SUPER).withFlags(ACC_FINAL);
        for (int i = 0; i <= b.body.length; i++) {
            c.withField(PREFIX + i, type(b, i), ACC_STATIC | ACC_FINAL);
        }
        c.withField("whole", BLOCK, ACC_STATIC | ACC_FINAL);
        c.withMethodBody(ConstantDescs.CLASS_INIT_NAME, ConstantDescs.MTD_void, ACC_STATIC, code -> initializer(code, b));
        c.withMethodBody(ConstantDescs.INIT_NAME, CONSTRUCTOR, 0, code -> code.aload(0).aload(1)
                .invokespecial(SUPER, ConstantDescs.INIT_NAME, CONSTRUCTOR).return_());
        c.withMethodBody("next", NEXT, ClassFile.ACC_PUBLIC, code -> next(code, b));
    }

    private static ClassDesc type(Block b, int i) {
        return i < b.body.length ? INSN : JUMP;
    }

    private static void initializer(CodeBuilder code, Block b) {
        for (int i = 0; i <= b.body.length; i++) {
            code.loadConstant(i).invokestatic(SELF, "handler", HANDLER);
            if (i == b.body.length) {
                code.checkcast(JUMP);
            }
            code.putstatic(NAME, PREFIX + i, type(b, i));
        }
        code.invokestatic(SELF, "whole", WHOLE).putstatic(NAME, "whole", BLOCK).return_();
    }

    private static void next(CodeBuilder code, Block b) {
        Label top = code.newBoundLabel();
        int n = b.body.length;
        for (int i = 0; i < n; i++) {
            code.getstatic(NAME, PREFIX + i, INSN).aload(1).invokevirtual(INSN, "execute", EXECUTE);
        }
        code.getstatic(NAME, PREFIX + n, JUMP).aload(1).invokevirtual(JUMP, "next", NEXT);
        if (b.jump.linking() != null && b.jump.linking().target == b.pc) {
            again(code, top);
        }
        code.return_(TypeKind.REFERENCE);
    }

    /** {@code if (next == whole && cpu.engine.again(whole)) goto top} */
    private static void again(CodeBuilder code, Label top) {
        Label leave = code.newLabel();
        code.dup().getstatic(NAME, "whole", BLOCK).if_acmpne(leave);
        code.aload(1).getfield(CPU, "engine", ENGINE).getstatic(NAME, "whole", BLOCK).invokevirtual(ENGINE, "again", AGAIN);
        code.ifeq(leave).pop().goto_(top).labelBinding(leave);
    }
}
