//===- Isolation.cpp - Cases in processes of their own --------------------===//

#include "Isolation.h"
#include <cerrno>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

using namespace seqc::fuzz;

double seqc::fuzz::now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

static void writeAll(int pipe, llvm::StringRef text) {
  while (!text.empty()) {
    ssize_t written = write(pipe, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return;
    text = text.drop_front(written);
  }
}

void Workers::start(uint64_t seed, std::function<Outcome()> work) {
  int ends[2];
  if (pipe(ends) != 0)
    llvm::report_fatal_error("no pipe to be had");
  int pid = fork();
  if (pid < 0)
    llvm::report_fatal_error("no process to be had");
  if (pid == 0) {
    close(ends[0]);
    for (const Worker &other : running)
      close(other.pipe);
    // The stack traces of LLVM's handlers are for the parent's report to say, not for the terminal.
    for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT})
      std::signal(signal, SIG_DFL);
    rlimit limit = {timeout, timeout + 1};
    setrlimit(RLIMIT_CPU, &limit);
    writeAll(ends[1], work().serialise());
    _exit(0);
  }
  close(ends[1]);
  running.push_back({seed, pid, ends[0], "", now() + 10.0 * timeout});
}

std::pair<uint64_t, Outcome> Workers::finish(size_t i, bool isLate) {
  Worker worker = std::move(running[i]);
  running.erase(running.begin() + static_cast<ptrdiff_t>(i));
  if (isLate)
    kill(worker.pid, SIGKILL);
  close(worker.pipe);
  int status = 0;
  while (waitpid(worker.pid, &status, 0) < 0 && errno == EINTR)
    ;
  Outcome outcome = Outcome::parse(worker.report);
  if (isLate || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)) {
    outcome.verdict = Verdict::Hung;
    outcome.message = "it took more than " + std::to_string(timeout) + " seconds";
  } else if (WIFSIGNALED(status)) {
    outcome.verdict = Verdict::Crashed;
    outcome.message = std::string("the process that ran it died: ") + strsignal(WTERMSIG(status));
  }
  return {worker.seed, std::move(outcome)};
}

std::optional<std::pair<uint64_t, Outcome>> Workers::next() {
  while (!running.empty()) {
    std::vector<pollfd> polled;
    double deadline = running[0].deadline;
    for (const Worker &worker : running) {
      polled.push_back({worker.pipe, POLLIN, 0});
      deadline = std::min(deadline, worker.deadline);
    }
    int wait = std::max(0, static_cast<int>(1000 * (deadline - now())) + 1);
    if (poll(polled.data(), polled.size(), wait) < 0 && errno != EINTR)
      llvm::report_fatal_error("can not wait for the processes that run cases");
    for (size_t i = 0; i < running.size(); ++i) {
      if (polled[i].revents != 0) {
        char bytes[65536];
        ssize_t count = read(running[i].pipe, bytes, sizeof bytes);
        if (count > 0)
          running[i].report.append(bytes, count);
        else if (count == 0)
          return finish(i, false);
      } else if (now() > running[i].deadline) {
        return finish(i, true);
      }
    }
  }
  return std::nullopt;
}
