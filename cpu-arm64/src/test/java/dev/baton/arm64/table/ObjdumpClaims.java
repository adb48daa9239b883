package dev.baton.arm64.table;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * What it means that objdump names a word, or does not: the feature of the Arm ARM (DDI 0487, A2.2) that has the encoding. objdump
 * knows every extension up to its own date (binutils 2.40 here) and no CPU. The first row that fits a word decides.
 */
final class ObjdumpClaims {
    /** In every CPU. */
    static final String BASE = "every CPU";
    /** In no CPU: UNDEFINED. */
    static final String NONE = "no CPU";
    /** A matter of another test. */
    static final String ANY = "either way";

    /**
     * A row: the words with {@code value} under {@code mask} of which objdump prints these mnemonics and operands.
     *
     * @param feature  a FEAT_ name, {@link #BASE}, {@link #NONE} or {@link #ANY}
     * @param operands as regular expression, found anywhere in the operands; null for any
     * @param why      section of the Arm ARM, or the reason
     */
    record Claim(String feature, int mask, int value, Pattern mnemonic, Pattern operands, String why) {
        boolean fits(int word, String text, int tab) {
            return (word & mask) == value && (operands == null || operands.matcher(text).region(tab, text.length()).find());
        }

        @Override
        public String toString() {
            return "%s: 0x%08x/0x%08x %s %s (%s)".formatted(feature, value, mask, mnemonic, operands, why);
        }
    }

    private static final String ONE_BIT_OF_CRM = "C6.2 MSR (immediate): CRm is xxxx; objdump names the immediates 0 and 1 alone";

    static final List<Claim> ALL = List.of(
            words("FEAT_SME", 0x9e000000, 0x80000000, "C4.1: SME encodings"),
            words("FEAT_SVE", 0x1e000000, 0x04000000, "C4.1: SVE encodings"),
            names(NONE, "udf", "C6.2 UDF: permanently undefined"),

            // Where objdump refuses what the manual calls CONSTRAINED UNPREDICTABLE; like QEMU we execute it.
            unnamed(BASE, 0x3fa08000, 0x08808000, "C6.2 LDAR, STLR: Rs or Rt2 is (1)(1)(1)(1)(1), and is not"),
            unnamed(BASE, 0xfec00000, 0x68c00000, "C6.2 LDPSW, indexed: Rt == Rt2, or one of them is the base"),
            unnamed(BASE, 0xffc00000, 0x69400000, "C6.2 LDPSW, offset: Rt == Rt2"),
            words(NONE, 0, 0, "-", null, "what objdump has no name for"),

            // The system instruction space; C5.2 and C5.1.
            names("FEAT_FlagM", "cfinv|rmif|setf(8|16)", "C6.2"),
            names("FEAT_FlagM2", "[ax][ax]flag", "C6.2"),
            words("FEAT_UAO", 0xfffff0ff, 0xd500407f, ONE_BIT_OF_CRM),
            words("FEAT_PAN", 0xfffff0ff, 0xd500409f, ONE_BIT_OF_CRM),
            words(BASE, 0xfffff0ff, 0xd50040bf, "C5.2 SPSel; " + ONE_BIT_OF_CRM),
            words("FEAT_NMI", 0xfffff0ff, 0xd501401f, "C5.2 ALLINT"),
            words("FEAT_SSBS2", 0xfffff0ff, 0xd503403f, "D23.2.67 ID_AA64PFR1_EL1.SSBS 2: the instructions too; " + ONE_BIT_OF_CRM),
            words("FEAT_DIT", 0xfffff0ff, 0xd503405f, ONE_BIT_OF_CRM),
            words("FEAT_SME", 0xfffff0ff, 0xd503407f, "C5.2 SVCR"),
            words("FEAT_MTE", 0xfffff0ff, 0xd503409f, "C5.2 TCO"),
            words(BASE, 0xfffff0df, 0xd50340df, "C5.2 DAIFSet, DAIFClr"),
            words(NONE, 0xfff8f01f, 0xd500401f, "C5.1.3: no such PSTATE field; CFINV, XAFLAG, AXFLAG with CRm other than (0)"),
            names("FEAT_XS", "dsb", "nxs", "C6.2 DSB (memory nXS barrier)"),
            names("FEAT_SB", "sb", "C6.2"),
            names("FEAT_TME", "tstart|ttest|tcommit|tcancel", "DDI 0487 F.c, C6.2"),
            names("FEAT_WFxT", "wfet|wfit", "C6.2"),
            words(NONE, 0xffd80000, 0xd5000000, "msr|mrs", null, "C4.1.66: op0 is 0; SB with CRm other than (0)"),
            names(NONE, "sysl", "C5.1.3: no implemented extension has a system instruction with a result"),
            names(ANY, "mrs|msr|sys", "which registers and instructions a model has is executed, beside QEMU, in "
                    + "Register_accesses_agree_with_qemu_Test"),
            names(NONE, "dcps[123]|drps", "C6.2: UNDEFINED in Non-debug state"),
            names("FEAT_HBC", "bc\\..*", "C6.2 BC.cond"),
            names("FEAT_PAuth", "(pac|aut)[id]z?[ab]|pacga|xpac[id]|blra[ab]z?|bra[ab]z?|(e?ret|ldr)a[ab]", "C6.2"),

            // Loads and stores.
            names("FEAT_LSE", "cas.*|swp.*|ld(add|clr|eor|set|[su]max|[su]min)a?l?[bh]?", "C6.2"),
            names("FEAT_LOR", "ldlar[bh]?|stllr[bh]?", "C6.2"),
            names("FEAT_LRCPC", "ldapr[bh]?", "C6.2"),
            names("FEAT_LRCPC2", "ldapur.*|stlur.*", "C6.2"),
            names("FEAT_LS64", "(ld|st)64b|st64bv0?", "C6.2"),
            names("FEAT_MOPS", "cpyf?[pme].*|setg?[pme].*", "C6.2"),
            names("FEAT_MTE", "ldgm?|stz?gm?|stz?2g|stgp|addg|subg|subps?|irg|gmi", "C6.2"),

            // General registers.
            names("FEAT_CRC32", "crc32.*", "C6.2"),
            names("FEAT_CSSC", "abs|cnt|ctz|[su](max|min)", "^\\t[wx]", "C6.2, of general registers"),

            // Floating point, Advanced SIMD and cryptography.
            names("FEAT_AES", "aes.*", "C7.2"),
            names("FEAT_PMULL", "pmull2?", "\\.1q", "C7.2"),
            names("FEAT_SHA1", "sha1.*", "C7.2"),
            names("FEAT_SHA256", "sha256.*", "C7.2"),
            names("FEAT_SHA512", "sha512.*", "C7.2"),
            names("FEAT_SHA3", "eor3|rax1|xar|bcax", "C7.2"),
            names("FEAT_SM3", "sm3.*", "C7.2"),
            names("FEAT_SM4", "sm4.*", "C7.2"),
            names("FEAT_RDM", "sqrdml[as]h", "C7.2"),
            names("FEAT_DotProd", "[su]dot", "C7.2"),
            names("FEAT_I8MM", "us?mmla|smmla|usdot|sudot", "C7.2"),
            names("FEAT_BF16", "bfcvt|bfcvtn2?|bfdot|bfmlal[bt]|bfmmla", "C7.2"),
            words(NONE, 0x9f60dc00, 0x0e60cc00, "fml[as]l2?", null, "C7.2 FMLAL (vector): sz is 0, at which objdump does not look"),
            names("FEAT_FHM", "fml[as]l2?", "C7.2"),
            names("FEAT_FCMA", "fcadd|fcmla", "C7.2"),
            names("FEAT_FRINTTS", "frint(32|64)[xz]", "C7.2"),
            names("FEAT_JSCVT", "fjcvtzs", "C7.2"),
            names("FEAT_AdvSIMD", "fcvt|fcvt[ln]2?", "C7.2: conversions between half and other precisions are in Armv8.0"),
            names("FEAT_FP16", "f.*|[su]cvtf", "[\\t ]h\\d|\\.[248]?h", "C7.2: arithmetic of half precision"),
            words("FEAT_AdvSIMD", 0x0e000000, 0x0e000000, "C4.1: Scalar Floating-Point and Advanced SIMD"),
            words("FEAT_AdvSIMD", 0x0e000000, 0x0c000000, "C4.1: Loads and Stores with V set"),
            words(BASE, 0, 0, "Armv8.0"));

    private static final Map<String, List<Claim>> BY_MNEMONIC = new ConcurrentHashMap<>();

    private ObjdumpClaims() { }

    private static Claim words(String feature, int mask, int value, String why) {
        return words(feature, mask, value, ".*", null, why);
    }

    private static Claim words(String feature, int mask, int value, String mnemonic, String operands, String why) {
        return new Claim(feature, mask, value, Pattern.compile(mnemonic), operands == null ? null : Pattern.compile(operands), why);
    }

    private static Claim names(String feature, String mnemonic, String why) {
        return names(feature, mnemonic, null, why);
    }

    private static Claim names(String feature, String mnemonic, String operands, String why) {
        return words(feature, 0, 0, mnemonic, operands, why);
    }

    private static Claim unnamed(String feature, int mask, int value, String why) {
        return words(feature, mask, value, "-", null, why);
    }

    /** @param printed mnemonic and operands; a word without name is {@code .inst} */
    static Claim of(int word, String printed) {
        int comment = printed.indexOf("//");
        String text = comment < 0 ? printed : printed.substring(0, comment);
        int tab = text.indexOf('\t');
        String mnemonic = tab < 0 ? text.strip() : text.substring(0, tab);
        for (Claim c : BY_MNEMONIC.computeIfAbsent(mnemonic, ObjdumpClaims::candidates)) {
            if (c.fits(word, text, Math.max(tab, 0))) {
                return c;
            }
        }
        throw new AssertionError("the last row fits every word");
    }

    private static List<Claim> candidates(String mnemonic) {
        String name = mnemonic.startsWith(".inst") ? "-" : mnemonic;
        return ALL.stream().filter(c -> c.mnemonic.matcher(name).matches()).toList();
    }
}
