// The parent holds the other end of this pipe. However it ends, kill -9 included, the pipe closes, and the emulator with it.
process.stdin.on("end", () => process.exit(0));
process.stdin.on("error", () => process.exit(0));
process.stdin.resume();
