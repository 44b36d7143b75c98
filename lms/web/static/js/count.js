/** How many characters are written in a long answer: blanks do not count, as with examiners. */

for (const note of document.querySelectorAll("[data-count]")) {
  const area = document.getElementById(note.dataset.count);
  if (!area) continue;
  const tell = () => {
    const n = [...area.value.replace(/\s/gu, "")].length;
    note.textContent = note.dataset.words.replace("{n}", n).replace("{most}", area.maxLength);
  };
  area.addEventListener("input", tell);
  area.addEventListener("change", tell);
  tell();
}
