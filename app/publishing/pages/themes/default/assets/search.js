// Search without a server. How the index is laid out: app/publishing/syndication/search.py.
//
// The page holds
//   <form id="search" role="search" data-index="URL of search/index.json" data-root="URL of the site, ending in /"
//         data-nothing data-older data-loading data-failed data-found>
//     <input type="search" name="q" id="q">
//   </form>
//   <p id="search-status" role="status"></p>
//   <ol id="search-results"></ol>
//   <button id="search-older" type="button" hidden></button>
// where both URLs may be relative. The other five are texts: nothing matches; the label of the button for older
// results; shown while loading; the index cannot be read; and how many there are, with {count} for the number, which
// is "20+" while there may be older ones.
//
// A result is <li><a href>title</a><p class="search-about"><time datetime>day</time> <span>topic</span></p>
// <p class="search-excerpt">excerpt</p></li>, without the parts that the article lacks.
//
// The page is in UTF-8 and loads the script with `defer`; its policy allows it script-src 'self' and connect-src 'self'.
"use strict";

const STEP = 20;
const PAUSE = 250;
const LONGEST_QUERY = 200;
const MOST_TERMS = 16;

// --- words, as app/publishing/syndication/tokenizer.py has them ---

const PAIRED =
  "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}" +
  "\u3041-\u3096\u3099-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3105-\u312f\u31a0-\u31bf" +
  "\u1100-\u11ff\uac00-\ud7a3" +
  "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1050-\u109d\u1780-\u17d3";
const SIGNS =
  "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u09d7\u09e2\u09e3" +
  "\u0a01-\u0a03\u0a3c-\u0a51\u0a70\u0a71\u0a75\u0a81-\u0a83\u0abc-\u0acd\u0ae2\u0ae3\u0b01-\u0b03" +
  "\u0b3c-\u0b57\u0b62\u0b63\u0b82\u0bbe-\u0bcd\u0bd7\u0c00-\u0c04\u0c3c-\u0c56\u0c62\u0c63" +
  "\u0c81-\u0c83\u0cbc-\u0cd6\u0ce2\u0ce3\u0d00-\u0d03\u0d3b-\u0d4d\u0d57\u0d62\u0d63\u0d81-\u0d83\u0dca-\u0ddf";
const POINTS =
  "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc";
const LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i", ς: "σ", ё: "е" };

const LETTER = `(?:(?![${PAIRED}])[\\p{L}\\p{N}])`;
const RUN = new RegExp(`[${PAIRED}]+|${LETTER}+(?:[${SIGNS}]+${LETTER}*)*`, "gu");
const IS_PAIRED = new RegExp(`^[${PAIRED}]`, "u");
const ACCENTS = /([a-zα-ω])[\u0300-\u036f]+/g;
const MARKS = new RegExp(`[\u0300-\u036f\u0483-\u0487${POINTS}]+`, "gu");
const LETTER_TO_SPELL = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "g");

function folded(text) {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(ACCENTS, "$1")
    .normalize("NFC")
    .replace(MARKS, "")
    .replace(LETTER_TO_SPELL, (letter) => LETTERS[letter]);
}

/** Words, and whole runs of the scripts that are cut into pairs. */
function runsOf(text) {
  return folded(text).match(RUN) ?? [];
}

/** What an article must have: words, of which the last may go on, and pairs, which a lone character may begin. */
function termsOf(query) {
  const terms = [];
  for (const run of runsOf(query.slice(0, LONGEST_QUERY))) {
    const characters = [...run];
    if (!IS_PAIRED.test(run)) {
      if (!/^[a-z]$/.test(run)) terms.push({ word: run, goesOn: false });
    } else if (characters.length === 1) {
      terms.push({ word: run, goesOn: true });
    } else {
      characters.slice(1).forEach((second, at) => terms.push({ word: characters[at] + second, goesOn: false }));
    }
  }
  const last = terms.at(-1);
  if (last && !IS_PAIRED.test(last.word) && [...last.word].length > 1) last.goesOn = true;
  return terms.slice(-MOST_TERMS);
}

// --- the index ---

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

function shardOf(word) {
  const characters = [...word].slice(0, IS_PAIRED.test(word) ? 1 : 2);
  return characters.reduce((state, one) => Math.imul(state ^ one.codePointAt(0), 0x9e3779b1), 0) >>> 27;
}

/** Positions are written as gaps, in digits of five bits, the lowest first; a sixth bit says that another follows. */
function positionsOf(written) {
  const positions = [];
  let position = 0;
  let gap = 0;
  let shift = 0;
  for (const digit of written) {
    const value = DIGITS.indexOf(digit);
    gap |= (value & 31) << shift;
    shift += 5;
    if (value < 32) {
      position += gap;
      positions.push(position);
      gap = shift = 0;
    }
  }
  return positions;
}

/** The places of one term in a chunk, which has the words of each place. */
function holding(words, term) {
  const matches = term.goesOn ? (word) => word.startsWith(term.word) : (word) => word === term.word;
  return Object.keys(words)
    .filter((place) => words[place].split(" ").some(matches))
    .map(Number);
}

/** The positions of one term in a shard, which has "constructor" only if it is a word of its own. */
function matching(words, term) {
  if (!term.goesOn) return Object.hasOwn(words, term.word) ? positionsOf(words[term.word]) : [];
  const found = Object.keys(words).filter((word) => word.startsWith(term.word));
  return found.flatMap((word) => positionsOf(words[word]));
}

/** The files of the index, each read once as long as the index stays the same. */
function filesOf(indexUrl) {
  const kept = new Map();
  let known = "";

  async function load(path, missing) {
    const answer = await fetch(new URL(path, indexUrl), { cache: "no-cache" });
    if (answer.status === 404 && missing) return missing;
    if (!answer.ok) throw new Error(`${answer.status} for ${path}`);
    return answer.json();
  }

  function read(path, missing) {
    if (!kept.has(path)) {
      const loading = load(path, missing);
      kept.set(path, loading);
      loading.catch(() => kept.delete(path));
    }
    return kept.get(path);
  }

  return {
    async manifest() {
      const manifest = await load(indexUrl);
      const now = JSON.stringify(manifest);
      if (now !== known) kept.clear();
      known = now;
      return manifest;
    },
    // Withdrawn articles leave gaps, and a chunk of nothing else need not be there.
    chunk: (number) => read(`entries/${number}.json`, { entries: {}, words: {} }),
    shard: (volume, shard) => read(`volumes/${volume}/${shard}.json`),
  };
}

/** The parts of the index from the newest: chunks that are in no volume yet, then the volumes. */
function segmentsOf({ last, indexed, chunk, volume }, files) {
  const inVolume = async (number, term) => {
    const words = await files.shard(number, shardOf(term.word));
    return matching(words, term).map((position) => position + (number - 1) * volume + 1);
  };
  // A chunk without words moved to its volume since the manifest was read.
  const inChunk = async (number, term) => {
    const { words } = await files.chunk(number);
    if (words) return holding(words, term);
    return inVolume(Math.ceil((number * chunk) / volume), term);
  };
  const segments = [];
  for (let number = Math.ceil(last / chunk); number * chunk > indexed; number--) {
    segments.push({ first: (number - 1) * chunk + 1, last: number * chunk, read: (term) => inChunk(number, term) });
  }
  for (let number = Math.ceil(indexed / volume); number > 0; number--) {
    segments.push({ first: (number - 1) * volume + 1, last: indexed, read: (term) => inVolume(number, term) });
  }
  return segments;
}

async function placesOf(segment, term) {
  const places = await segment.read(term);
  return new Set(places.filter((place) => place >= segment.first && place <= segment.last));
}

async function placesOfAll(segment, terms) {
  const found = await Promise.all(terms.map((term) => placesOf(segment, term)));
  const [some, ...others] = found.sort((a, b) => a.size - b.size);
  return [...some].filter((place) => others.every((places) => places.has(place))).sort((a, b) => b - a);
}

/** Places from the newest, out of one segment, then two at once, four and so on: a rare word is soon looked up. */
function finderOf(terms, segments) {
  const places = [];
  let at = 0;
  let width = 1;

  async function fill(count) {
    while (places.length < count && at < segments.length) {
      const found = await Promise.all(segments.slice(at, at + width).map((segment) => placesOfAll(segment, terms)));
      places.push(...found.flat());
      at += width;
      width *= 2;
    }
  }

  return {
    async ahead(from, count) {
      await fill(from + count + 1);
      return places.slice(from, from + count);
    },
    pass: (count) => places.splice(0, count),
    hasMore: () => places.length > 0 || at < segments.length,
  };
}

// --- results ---

function isInTitle(title, terms) {
  const runs = runsOf(title);
  return terms.every(({ word, goesOn }) => {
    if (IS_PAIRED.test(word)) return runs.some((run) => run.includes(word));
    return runs.some((run) => (goesOn ? run.startsWith(word) : run === word));
  });
}

/** The next results: those with all words in the title first, and each part from the newest. */
async function nextResults({ terms, finder, files, chunk }) {
  const results = [];
  let seen = 0;
  while (results.length < STEP) {
    const places = await finder.ahead(seen, STEP - results.length);
    if (!places.length) break;
    const chunks = await Promise.all(places.map((place) => files.chunk(Math.ceil(place / chunk))));
    results.push(...places.map((place, at) => chunks[at].entries[place]).filter(Boolean));
    seen += places.length;
  }
  // Only now: after a failure the same ones are tried again.
  finder.pass(seen);
  const titled = results.filter((result) => isInTitle(result[0], terms));
  return [...titled, ...results.filter((result) => !titled.includes(result))];
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function shownDay(day) {
  const options = { dateStyle: "long", timeZone: "UTC" };
  const date = new Date(`${day}T00:00:00Z`);
  try {
    // The pages write English dates with the day first.
    const language = document.documentElement.lang.replace(/^en$/, "en-GB");
    return new Intl.DateTimeFormat(language || undefined, options).format(date);
  } catch {
    return day;
  }
}

function itemOf([title, path, day, topic, excerpt], root) {
  const href = new URL(path.split("/").map(encodeURIComponent).join("/"), root).href;
  const about = element("p", { className: "search-about" }, element("time", { dateTime: day }, shownDay(day)));
  if (topic) about.append(" ", element("span", { dir: "auto" }, topic));
  const item = element("li", {}, element("a", { href, dir: "auto" }, title || path), about);
  if (excerpt) item.append(element("p", { className: "search-excerpt", dir: "auto" }, excerpt));
  return item;
}

// --- the page ---

function start(form) {
  const box = document.getElementById("q");
  const status = document.getElementById("search-status");
  const list = document.getElementById("search-results");
  const older = document.getElementById("search-older");
  const says = form.dataset;
  const root = new URL(says.root, location.href);
  const files = filesOf(new URL(says.index, location.href));
  let current = null;
  let timer = 0;

  function clear(text) {
    list.replaceChildren();
    older.hidden = true;
    status.textContent = text;
  }

  function remember(query) {
    const url = new URL(location.href);
    if (query) url.searchParams.set("q", query);
    else url.searchParams.delete("q");
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  }

  async function begin(terms) {
    const manifest = await files.manifest();
    return { terms, files, chunk: manifest.chunk, finder: finderOf(terms, segmentsOf(manifest, files)) };
  }

  function show(results, hasMore) {
    list.append(...results.map((result) => itemOf(result, root)));
    older.hidden = !hasMore;
    const count = list.childElementCount;
    status.textContent = count ? says.found.replace("{count}", hasMore ? `${count}+` : count) : says.nothing;
  }

  // An answer to a question that is no longer asked is dropped.
  async function answer(question) {
    try {
      question.search = await begin(question.terms);
      const results = await nextResults(question.search);
      if (question !== current) return;
      list.replaceChildren();
      show(results, question.search.finder.hasMore());
    } catch {
      if (question === current) clear(says.failed);
    }
  }

  async function ask() {
    clearTimeout(timer);
    const query = box.value.trim();
    const question = { terms: termsOf(query), search: null, isBusy: true };
    current = question;
    remember(query);
    if (!question.terms.length) {
      clear("");
      return;
    }
    status.textContent = says.loading;
    await answer(question);
    question.isBusy = false;
  }

  async function showOlder() {
    const question = current;
    if (question.isBusy) return;
    question.isBusy = true;
    status.textContent = says.loading;
    try {
      const results = await nextResults(question.search);
      if (question !== current) return;
      const shown = list.childElementCount;
      show(results, question.search.finder.hasMore());
      list.children[shown]?.querySelector("a").focus();
    } catch {
      if (question === current) status.textContent = says.failed;
    }
    question.isBusy = false;
  }

  function runSoon(event) {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  }

  older.textContent = says.older;
  older.addEventListener("click", showOlder);
  box.addEventListener("input", runSoon);
  box.addEventListener("compositionend", runSoon);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) box.value = asked;
  if (box.value) ask();
}

const form = globalThis.document?.getElementById("search");
if (form) start(form);
