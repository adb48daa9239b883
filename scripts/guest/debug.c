// Uses the kernel's debuggers: ptrace single step, hardware breakpoints and watchpoints, and perf counters. Prints one line for each with
// numbers that do not depend on how fast the CPU is.
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef NT_ARM_HW_BREAK
#define NT_ARM_HW_BREAK 0x402
#define NT_ARM_HW_WATCH 0x403
#endif
#ifndef TRAP_HWBKPT
#define TRAP_HWBKPT 4
#endif

// As the kernel has it: struct user_hwdebug_state.
struct debug_registers {
    uint32_t info, pad;
    struct {
        uint64_t address;
        uint32_t control, pad;
    } slot[16];
};

// struct user_pt_regs.
struct general {
    uint64_t x[31], sp, pc, pstate;
};

static volatile uint32_t words[8];
static volatile sig_atomic_t samples;

// From loop_begins to loop_ends: 2 * n + 1 instructions.
extern const char loop_begins[], loop_ends[];

static __attribute__((noinline)) void loop(uint64_t n) {
    asm volatile(".globl loop_begins, loop_ends\n"
                 "loop_begins: mov x9, %0\n"
                 "1: subs x9, x9, #1\n"
                 "b.ne 1b\n"
                 "loop_ends: nop\n" : : "r"(n) : "x9", "cc");
}

static __attribute__((noinline)) void target(void) {
    asm volatile("" : : : "memory");
}

static void child(void) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    loop(100);
    for (int i = 0; i < 3; i++) target();
    words[0] = 1;
    words[2] = 2;
    words[1] = 0xbeef;
    _exit(7);
}

static uint64_t pc_of(pid_t pid) {
    struct general r;
    struct iovec v = {&r, sizeof r};
    ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v);
    return r.pc;
}

static int goes_on(pid_t pid, int request) {
    int status;
    if (ptrace(request, pid, 0, 0) != 0 || waitpid(pid, &status, 0) != pid) return -1;
    return status;
}

static int slots(pid_t pid, int set) {
    struct debug_registers d = {0};
    struct iovec v = {&d, sizeof d};
    ptrace(PTRACE_GETREGSET, pid, set, &v);
    return d.info & 0xff;
}

static int arm(pid_t pid, int set, uint64_t address, uint32_t control) {
    struct debug_registers d = {0};
    struct iovec v = {&d, 8 + sizeof d.slot[0]};
    d.slot[0].address = address;
    d.slot[0].control = control;
    return ptrace(PTRACE_SETREGSET, pid, set, &v);
}

static int trapped_at(pid_t pid, int status, uint64_t address) {
    siginfo_t info;
    return WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP && ptrace(PTRACE_GETSIGINFO, pid, 0, &info) == 0 &&
           info.si_code == TRAP_HWBKPT && (uint64_t)info.si_addr == address;
}

static void traced(void) {
    int status, steps = 0, hits = 0;
    pid_t pid = fork();
    if (pid == 0) child();
    waitpid(pid, &status, 0);
    printf("debug: slots %d %d\n", slots(pid, NT_ARM_HW_BREAK), slots(pid, NT_ARM_HW_WATCH));
    arm(pid, NT_ARM_HW_BREAK, (uint64_t)loop_begins, 0xf << 5 | 1);
    status = goes_on(pid, PTRACE_CONT);
    int there = trapped_at(pid, status, (uint64_t)loop_begins);
    arm(pid, NT_ARM_HW_BREAK, 0, 0);
    while (pc_of(pid) != (uint64_t)loop_ends && steps < 100000) {
        goes_on(pid, PTRACE_SINGLESTEP);
        steps++;
    }
    printf("debug: break %d steps %d\n", there, steps);
    for (int i = 0; i < 3; i++) {
        arm(pid, NT_ARM_HW_BREAK, (uint64_t)target, 0xf << 5 | 1);
        status = goes_on(pid, PTRACE_CONT);
        hits += trapped_at(pid, status, (uint64_t)target) && pc_of(pid) == (uint64_t)target;
        arm(pid, NT_ARM_HW_BREAK, 0, 0);
        goes_on(pid, PTRACE_SINGLESTEP);
    }
    printf("debug: breakpoints %d\n", hits);
    arm(pid, NT_ARM_HW_WATCH, (uint64_t)&words[1], 0xf << 5 | 2 << 3 | 1);
    status = goes_on(pid, PTRACE_CONT);
    long first = ptrace(PTRACE_PEEKDATA, pid, &words[0], 0);
    printf("debug: watch %d before 0x%lx\n", trapped_at(pid, status, (uint64_t)&words[1]), (unsigned long)first);
    arm(pid, NT_ARM_HW_WATCH, 0, 0);
    goes_on(pid, PTRACE_SINGLESTEP);
    first = ptrace(PTRACE_PEEKDATA, pid, &words[0], 0);
    status = goes_on(pid, PTRACE_CONT);
    printf("debug: after 0x%lx exit %d\n", (unsigned long)first, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static int counter(uint64_t event, uint64_t period) {
    struct perf_event_attr a = {.type = PERF_TYPE_HARDWARE, .size = sizeof a, .config = event, .disabled = 1, .exclude_kernel = 1,
                                .exclude_hv = 1, .sample_period = period, .wakeup_events = 1};
    return syscall(SYS_perf_event_open, &a, 0, -1, -1, 0);
}

static uint64_t counted(int fd, uint64_t n) {
    uint64_t value = 0;
    ioctl(fd, PERF_EVENT_IOC_RESET, 0);
    ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
    loop(n);
    ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
    if (read(fd, &value, sizeof value) != sizeof value) return -1;
    return value;
}

static void sampled(int signal) {
    samples++;
}

static void measured(void) {
    int instructions = counter(PERF_COUNT_HW_INSTRUCTIONS, 0);
    int cycles = counter(PERF_COUNT_HW_CPU_CYCLES, 0);
    uint64_t i = counted(instructions, 1000000) - counted(instructions, 1000);
    uint64_t c = counted(cycles, 1000000) - counted(cycles, 1000);
    printf("perf: instructions %lu cycles %lu\n", (unsigned long)i, (unsigned long)c);
    int fd = counter(PERF_COUNT_HW_INSTRUCTIONS, 100000);
    struct sigaction action = {.sa_handler = sampled};
    sigaction(SIGIO, &action, 0);
    fcntl(fd, F_SETFL, O_ASYNC);
    fcntl(fd, F_SETOWN, getpid());
    counted(fd, 1000000);
    printf("perf: samples %d\n", (int)samples);
}

int main(void) {
    setvbuf(stdout, 0, _IOLBF, 0);
    traced();
    measured();
    return 0;
}
