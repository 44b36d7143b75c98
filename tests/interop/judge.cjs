// Parse GIFT files with gift-pegjs and print what it found, one JSON array for each file.
const fs = require("fs");
const judge = require("gift-pegjs");
const found = process.argv.slice(2).map((path) => {
  try {
    return judge.parse(fs.readFileSync(path, "utf8"));
  } catch (fault) {
    return { fault: fault.message, location: fault.location };
  }
});
process.stdout.write(JSON.stringify(found));
