// What is read of one document in a world of its own, which the page's scripts neither see nor change. Evaluates to an
// object whose methods the child calls. `mark`: a name that the page cannot know.
((mark) => {
  const NO_TEXT = new Set(["script", "style", "noscript", "template", "textarea", "select", "title", "head", "iframe",
    "object", "video", "audio", "canvas"]);
  const NOT_WRITTEN = new Set(["script", "style", "noscript", "template", "textarea", "select"]);
  const VOID = new Set(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]);
  const MOST_WORDS = 20000, MOST_PARTS = 400000;
  const LEAST_HEIGHT = 7;  // pixels of a line of text; smaller letters are not read
  const PRESSABLE = "button, [role=button], summary, label, a, input[type=button], [onclick], [tabindex], [aria-label]";
  const ACCEPT = /đồng ý|chấp nhận|tôi hiểu|đã hiểu|cho phép|tiếp tục|accept|agree|allow|got it|continue|^ok$/i;
  const CLOSE = /^(×|✕|✖|✗|x|đóng|bỏ qua|để sau|không, cảm ơn|close|skip|dismiss|no,? thanks)\b|^[×✕✖✗]$/i;
  const MORE = /đọc tiếp|đọc thêm|xem tiếp|xem thêm|xem toàn|xem đầy đủ|hiển thị thêm|mở rộng|read more|show more|view more|see more|continue reading|read full|expand/i;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`@layer ${mark} {
    *, *::before, *::after { transition: none !important; scroll-behavior: auto !important;
      text-decoration-line: none !important; text-emphasis-style: none !important; }
    ::highlight(${mark}) { color: transparent !important; }
    [${mark}-paint] { background-image: none !important; background-color: transparent !important;
      fill: transparent !important; stroke: transparent !important; }
    [${mark}-off] { opacity: 0 !important; }
  }`);
  const closed = new Map();  // host: its closed shadow root
  const frames = new Map();  // iframe: the HTML of its document
  const pressed = new WeakSet();
  const lived = new WeakSet();  // texts to which the page was scrolled while its scripts ran
  let records = new Map();  // text node: its words
  let words = [];  // [record, place in it]
  let pictured = new Set();  // links and buttons whose picture was seen

  const shadowOf = (node) => node.shadowRoot || closed.get(node) || null;
  const childrenOf = (node) => {
    const shadow = node.nodeType === 1 ? shadowOf(node) : null;
    if (shadow) return shadow.childNodes;
    if (node.localName === "slot" && node.getRootNode() instanceof ShadowRoot) {
      const assigned = node.assignedNodes();
      if (assigned.length) return assigned;
    }
    return node.childNodes;
  };
  const parentOf = (node) => {
    if (node.assignedSlot) return node.assignedSlot;
    const parent = node.parentNode;
    return parent instanceof ShadowRoot ? parent.host : parent && parent.nodeType === 1 ? parent : null;
  };
  // Nodes of the flat tree in order.
  function* flat(root) {
    const stack = [root];
    for (let count = 0; stack.length && count < MOST_PARTS; count++) {
      const node = stack.pop();
      yield node;
      if (node.nodeType === 1 && NO_TEXT.has(node.localName)) continue;
      const children = childrenOf(node);
      for (let index = children.length - 1; index >= 0; index--) stack.push(children[index]);
    }
  }
  const rootsOf = () => {
    const found = [document];
    for (const node of flat(document.documentElement)) {
      const shadow = node.nodeType === 1 ? shadowOf(node) : null;
      if (shadow) found.push(shadow);
    }
    return found;
  };

  // What a style says of the letters themselves: set in dots, mirrored or upside down.
  let letters = new Map();
  const lettersOf = (element) => {
    const path = [];
    let at = element;
    while (at && !letters.has(at)) {
      path.push(at);
      at = parentOf(at);
    }
    let value = at ? letters.get(at) : {readable: true, clip: null, a: 1, d: 1, struck: false, marked: false};
    for (const part of path.reverse()) {
      const style = getComputedStyle(part);
      let {a, d, clip} = value;
      for (const matrix of [style.transform, turned(style.rotate), scaled(style.scale)]) {
        if (!matrix || matrix === "none") continue;
        const linear = new DOMMatrixReadOnly(matrix);
        a *= Math.abs(linear.m11) + Math.abs(linear.m12) > 1e-6 ? linear.m11 : 0;
        d *= linear.m22;
      }
      if (part instanceof SVGGraphicsElement) {
        const matrix = part.getScreenCTM();
        if (matrix) [a, d] = [Math.min(a, matrix.a), Math.min(d, matrix.d)];
      }
      if (style.backgroundClip.split(",").every((name) => name.trim() === "text")) clip = part;
      if (part instanceof SVGTextContentElement) clip = part;
      // The sheet above takes lines through the letters away, as they are no ink of letters.
      const struck = value.struck || (decorations.get(part) ?? false);
      // Lines and marks that the page keeps against the sheet above would be taken for letters.
      const marked = value.marked || style.textEmphasisStyle !== "none" || (style.textDecorationLine !== "none"
        && (/wavy|double/.test(style.textDecorationStyle) || parseFloat(style.textDecorationThickness) > parseFloat(style.fontSize) * .12));
      value = {a, d, clip, struck, marked, readable: !marked && style.webkitTextSecurity === "none" && !struck && !(a < 0 || d < 0)};
      letters.set(part, value);
    }
    return value;
  };
  // Elements whose text has a line through it that is as thick as letters are.
  const decorations = new Map();
  const findDecorations = () => {
    decorations.clear();
    for (const record of records.values()) {
      for (let at = parentOf(record.node); at && !decorations.has(at); at = parentOf(at)) {
        const style = getComputedStyle(at);
        const thick = style.textDecorationLine !== "none" && parseFloat(style.textDecorationThickness) > parseFloat(style.fontSize) * .25;
        decorations.set(at, thick);
      }
    }
  };
  const turned = (rotate) => rotate && rotate !== "none" ? `rotate${/^[xy] /.test(rotate) ? rotate[0].toUpperCase() : ""}(${rotate.split(" ").pop()})` : null;
  const scaled = (scale) => scale && scale !== "none" ? `scale(${scale.split(" ").slice(0, 2).join(",")})` : null;

  const range = document.createRange();
  const rectsOf = (node, start, end) => {
    range.setStart(node, start);
    range.setEnd(node, end);
    return range.getClientRects();
  };
  const wordRects = (index) => {
    const [record, place] = words[index];
    return [...rectsOf(record.node, ...record.spans[place])].filter((box) => box.width >= 1 && box.height > 0);
  };
  const view = () => ({width: visualViewport.width, height: visualViewport.height, left: visualViewport.offsetLeft,
    top: visualViewport.offsetTop, scale: visualViewport.scale});
  const within = (box, area) => box.left >= area.left - 2 && box.top >= area.top - 1
    && box.right <= area.left + area.width + 2 && box.bottom <= area.top + area.height + 1;

  const scrollable = (element) => {
    const style = getComputedStyle(element);
    return [/auto|scroll/.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1,
      /auto|scroll/.test(style.overflowY) && element.scrollHeight > element.clientHeight + 1];
  };
  // The boxes with a scroll bar around an element, inner ones first.
  let scrollers = new Map();
  const scrollersOf = (element) => {
    if (!element || element === document.body || element === document.documentElement) return [];
    let known = scrollers.get(element);
    if (!known) {
      const above = scrollersOf(parentOf(element));
      known = scrollable(element).some(Boolean) ? [element, ...above] : above;
      scrollers.set(element, known);
    }
    return known;
  };
  const scrolledAway = (element, boxes) => scrollersOf(element).some((scroller) => {
    const outer = scroller.getBoundingClientRect();
    return boxes.some((box) => box.bottom > outer.bottom + 2 || box.top < outer.top - 2
      || box.left < outer.left - 2 || box.right > outer.right + 2);
  });
  const pageScrolls = () => {
    const root = document.documentElement;
    const lock = getComputedStyle(root).overflowY;
    const body = document.body ? getComputedStyle(document.body).overflowY : "visible";
    return lock === "visible" ? !/hidden|clip/.test(body) : !/hidden|clip/.test(lock);
  };
  // Bring a box to a share of the window's height, as a reader can: by boxes with a scroll bar, and the page downwards.
  const bring = (element, boxOf, share) => {
    for (let at = parentOf(element); at && at !== document.body && at !== document.documentElement; at = parentOf(at)) {
      const [across, down] = scrollable(at);
      if (!across && !down) continue;
      const box = boxOf(), outer = at.getBoundingClientRect();
      if (!box) return;
      if (down && (box.top < outer.top || box.bottom > outer.top + at.clientHeight))
        at.scrollTop += box.top - outer.top - at.clientHeight * share;
      if (across && (box.left < outer.left || box.right > outer.left + at.clientWidth)) at.scrollLeft += box.left - outer.left - 8;
    }
    const box = boxOf();
    if (!box) return;
    if (document.body && document.scrollingElement !== document.body && scrollable(document.body)[1]
        && getComputedStyle(document.documentElement).overflowY !== "visible") {
      document.body.scrollTop += box.top - innerHeight * share;
    } else if (pageScrolls()) {
      scrollTo({left: 0, top: scrollY + box.top - view().height * share, behavior: "instant"});
    }
  };

  const ownWords = (element) => {
    const found = [];
    for (const node of flat(element)) {
      const record = records.get(node);
      if (record) record.spans.forEach((span, place) => found.push([record, place]));
    }
    return found;
  };
  const readsOut = (element) => element.localName === "input" ? element.value
    : (element.innerText || "").trim() || element.getAttribute("aria-label") || element.title || "";
  const isSeen = (element) => pictured.has(element) || ownWords(element).some(([record, place]) => record.seen[place]);
  const leadsAway = (element) => {
    const link = element.closest("a[href]");
    if (!link) return false;
    const to = link.getAttribute("href").trim();
    return !(to === "" || to.startsWith("#") || /^javascript:/i.test(to));
  };
  const sends = (element) => Boolean(element.closest("form")) && /^(submit|image)$/.test(element.type || "");
  const mayPress = (element) => !pressed.has(element) && !leadsAway(element) && !sends(element) && isSeen(element);

  // The box that lies over the page, if one does.
  const cover = () => {
    const area = view(), over = new Map();
    for (const [x, y] of [[.5, .5], [.5, .25], [.5, .75], [.25, .5], [.75, .5]]) {
      let at = document.elementFromPoint(area.width * x, area.height * y);
      for (; at && at !== document.body && at !== document.documentElement; at = parentOf(at)) {
        if (!/fixed|absolute|sticky/.test(getComputedStyle(at).position)) continue;
        const box = at.getBoundingClientRect();
        if (box.width * box.height < area.width * area.height * .2) continue;
        over.set(at, (over.get(at) || 0) + 1);
      }
    }
    let best = null;
    for (const [box, points] of over) {
      if (points >= 2 && ownWords(box).length < Math.max(words.length / 2, 1) && (!best || box.contains(best))) best = box;
    }
    return best;
  };
  const toCloseCover = () => {
    const box = cover();
    if (!box) return null;
    const around = box.parentElement || box;
    const all = [...flat(around)].filter((node) => node.nodeType === 1 && node.matches(PRESSABLE) && mayPress(node)
      && readsOut(node).length <= 60);
    return all.find((node) => ACCEPT.test(readsOut(node)))
      || all.find((node) => CLOSE.test(readsOut(node)) || /close|dismiss|đóng/i.test(node.className + node.getAttribute("aria-label")))
      || null;
  };
  const toOpen = () => {
    let tried = 0;
    for (const record of records.values()) {
      if (record.seen.every(Boolean) || ++tried > 600) continue;
      let depth = 0;
      for (let at = parentOf(record.node); at && at !== document.body && depth < 20; at = parentOf(at), depth++) {
        const candidates = [];
        if (at.localName === "details" && !at.open) candidates.push(at.querySelector("summary"));
        const root = at.getRootNode();
        if (at.id && root.querySelectorAll) {
          const id = CSS.escape(at.id);
          candidates.push(...root.querySelectorAll(`[aria-controls~="${id}"], [data-target="#${id}"], [data-bs-target="#${id}"], a[href="#${id}"]`));
        }
        for (let before = at.previousElementSibling, steps = 0; before && steps < 4; before = before.previousElementSibling, steps++) {
          if (before.localName === "input" && /checkbox|radio/.test(before.type) && before.id && !before.checked)
            candidates.push(...root.querySelectorAll(`label[for="${CSS.escape(before.id)}"]`));
          if (before.matches(PRESSABLE) && before.getAttribute("aria-expanded") === "false") candidates.push(before);
          else candidates.push(...before.querySelectorAll("[aria-expanded=false]"));
        }
        const control = candidates.find((node) => node && mayPress(node));
        if (control) return control;
      }
    }
    return null;
  };
  const toReadMore = () => {
    for (const node of flat(document.body || document.documentElement)) {
      if (node.nodeType !== 1 || !node.matches(PRESSABLE + ", [class*=more], [id*=more]")) continue;
      const text = readsOut(node);
      if (text.length <= 40 && MORE.test(text) && mayPress(node)) return node;
    }
    return null;
  };

  return {
    // Begin to measure: nothing moves any more. `found`: closed shadow roots.
    still(found) {
      for (const root of found) closed.set(root.host, root);
      this.collect();
      findDecorations();
      for (const root of rootsOf()) {
        if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
        for (const animation of root.getAnimations()) {
          if (animation.timeline !== null && !(animation.timeline instanceof DocumentTimeline)) continue;
          if (animation.playState === "paused") continue;
          try {
            const ends = animation.effect ? animation.effect.getComputedTiming().endTime : 0;
            if (ends - (animation.currentTime || 0) <= 10000) animation.finish();
            else animation.pause();
          } catch {
            animation.pause();
          }
        }
      }
      for (const media of document.querySelectorAll("video, audio")) media.pause();
      for (const drawing of document.querySelectorAll("svg")) drawing.pauseAnimations();
    },
    // Let the page go on.
    moving() {
      for (const root of rootsOf()) root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => other !== sheet);
    },
    // Find the words of the document as it is now; what was seen of a text that has not changed stays seen.
    collect() {
      const known = records;
      records = new Map();
      words = [];
      letters = new Map();
      scrollers = new Map();
      for (const node of flat(document.body || document.documentElement)) {
        if (node.nodeType !== 3 || words.length >= MOST_WORDS || !/[\p{L}\p{N}×✕✖✗]/u.test(node.data)) continue;
        let record = known.get(node);
        if (!record || record.data !== node.data) {
          const spans = [...node.data.matchAll(/\S+/g)].filter((part) => /[\p{L}\p{N}×✕✖✗]/u.test(part[0]))
            .map((part) => [part.index, part.index + part[0].length]);
          record = {node, data: node.data, spans, seen: new Uint8Array(spans.length), failed: new Uint8Array(spans.length),
            top: new Float64Array(spans.length)};
        }
        record.failed.fill(0);
        record.first = words.length;
        records.set(node, record);
        record.spans.forEach((span, place) => words.push([record, place]));
      }
      return words.length;
    },
    // The words in the window: [number, how it is painted, seen?, text, left, top, width, height] of each box, in pixels
    // of the window. With the links and buttons of which no word was seen.
    inView(area) {
      const window_ = area || view();
      const boxes = [], order = [];
      for (let index = 0; index < words.length; index++) {
        const [record, place] = words[index];
        if (place === 0 && record.spans.length > 3) {
          range.selectNodeContents(record.node);
          const whole = range.getBoundingClientRect();
          if (whole.bottom < window_.top || whole.top > window_.top + window_.height || whole.height === 0) {
            index += record.spans.length - 1;
            continue;
          }
        }
        const rects = wordRects(index);
        if (!rects.length || !rects.every((box) => within(box, window_)) || scrolledAway(parentOf(record.node), rects)) continue;
        const style = lettersOf(parentOf(record.node));
        const [start, end] = record.spans[place];
        let good = style.readable && rects.every((box) => box.height >= LEAST_HEIGHT);
        if (good && end - start > 1) {
          const one = rectsOf(record.node, start, start + 1)[0], last = rectsOf(record.node, end - 1, end)[0];
          if (one && last && Math.abs(one.top - last.top) < one.height / 2 && last.right <= one.left + .5 && last.width > 0) good = false;
        }
        order.push([index, rects[0], good, rects, style.clip]);
      }
      // Words whose neighbours stand in another order than they are written are not read as they are written.
      const wrong = order.map(([, box], at) => at > 0 && Math.abs(box.top - order[at - 1][1].top) < box.height / 2
        && box.left < order[at - 1][1].left - 1);
      const sameLine = order.map(([, box], at) => at > 0 && Math.abs(box.top - order[at - 1][1].top) < box.height / 2);
      order.forEach(([index, , good, rects, clip], at) => {
        let bad = 0, all = 0;
        const count = (near) => {
          all++;
          if (wrong[near]) bad++;
        };
        for (let near = at; near > at - 4 && sameLine[near]; near--) count(near);
        for (let near = at + 1; near <= at + 4 && sameLine[near]; near++) count(near);
        const [record, place] = words[index];
        const usable = good && !(bad >= 2 && bad > all * .3);
        for (const box of rects) boxes.push([index, usable ? clip ? 2 : 1 : 0, record.seen[place], record.first, box.left, box.top, box.width, box.height]);
      });
      const links = [];
      for (const element of document.querySelectorAll("a[href], button, [role=button], summary, [aria-label]")) {
        if (pictured.has(element) || links.length >= 200) continue;
        const box = element.getBoundingClientRect();
        if (box.bottom < window_.top || box.top > window_.top + window_.height || isSeen(element)) continue;
        for (const part of [element, ...element.querySelectorAll("img, svg, picture, video, canvas")].slice(0, 4)) {
          const inner = part.getBoundingClientRect();
          if (inner.width >= 8 && inner.height >= 8 && inner.top < window_.top + window_.height && inner.bottom > window_.top) {
            links.push([element, inner.left, inner.top, inner.width, inner.height]);
            break;
          }
        }
      }
      this.candidates = links.map(([element]) => element);
      // What scripts elsewhere may still paint.
      const painted = [...document.querySelectorAll("canvas, video, object, embed")].map((part) => part.getBoundingClientRect())
        .filter((box) => box.width > 0 && box.height > 0).map((box) => [box.left, box.top, box.width, box.height]);
      return {boxes, links: links.map((link) => link.slice(1)), painted};
    },
    // Take the letters of these words away from the picture, or give all back.
    hide(numbers, clipped) {
      const roots = new Set();
      CSS.highlights.delete(mark);
      for (const part of this.clips || []) part.removeAttribute(`${mark}-paint`);
      this.clips = [];
      if (!numbers) return;
      if (clipped) {
        for (const number of numbers) this.clips.push(lettersOf(parentOf(words[number][0].node)).clip);
        for (const part of this.clips) part.setAttribute(`${mark}-paint`, "");
        return;
      }
      const highlight = new Highlight();
      highlight.priority = 1e6;
      for (const number of numbers) {
        const [record, place] = words[number];
        const [start, end] = record.spans[place];
        highlight.add(new StaticRange({startContainer: record.node, startOffset: start, endContainer: record.node, endOffset: end}));
      }
      CSS.highlights.set(mark, highlight);
    },
    hideLinks(on) {
      for (const element of this.candidates) on ? element.setAttribute(`${mark}-off`, "") : element.removeAttribute(`${mark}-off`);
    },
    // Note which words were seen and which were not, and links by their picture.
    note(seen, failed, links) {
      for (const number of seen) {
        const [record, place] = words[number];
        record.seen[place] = 1;
        const box = wordRects(number)[0];
        record.top[place] = box ? box.top + scrollY : 0;
      }
      for (const number of failed) words[number][0].failed[words[number][1]]++;
      for (const place of links) pictured.add(this.candidates[place]);
    },
    // Scroll to the next word that may be seen but was not yet; false when there is none.
    next() {
      for (let index = 0; index < words.length; index++) {
        const [record, place] = words[index];
        if (record.seen[place] || record.failed[place] >= 2) continue;
        const boxOf = () => wordRects(index)[0];
        const box = boxOf();
        if (!box || box.height < LEAST_HEIGHT) {
          record.failed[place] = 2;
          continue;
        }
        bring(parentOf(record.node), boxOf, record.failed[place] ? .5 : .16);
        record.failed[place]++;
        const after = boxOf();
        if (after && within(after, view())) return true;
        record.failed[place] = 2;
      }
      return false;
    },
    // Whether a text that has a place was not seen and not scrolled to by this; and scroll to it.
    toUnseen(scroll) {
      for (const record of records.values()) {
        const place = record.seen.indexOf(0);
        if (place < 0 || lived.has(record.node)) continue;
        const boxOf = () => wordRects(record.first + place)[0];
        const box = boxOf();
        if (!box || box.height < LEAST_HEIGHT) continue;
        if (!scroll) return true;
        lived.add(record.node);
        bring(parentOf(record.node), boxOf, .3);
        return true;
      }
      return false;
    },
    top() {
      scrollTo({left: 0, top: 0, behavior: "instant"});
    },
    scrollOn() {
      const before = scrollY;
      scrollBy({top: view().height * .8, behavior: "instant"});
      return scrollY > before;
    },
    // A control that a reader presses to see more: scrolled to; its words and its middle in the window.
    control() {
      const closes = toCloseCover();
      const control = closes || toOpen() || toReadMore();
      if (!control) return null;
      pressed.add(control);
      if (!closes) bring(control, () => control.getBoundingClientRect(), .4);
      const box = control.getBoundingClientRect();
      return {words: readsOut(control).slice(0, 60), left: box.left + box.width / 2, top: box.top + box.height / 2,
        cover: Boolean(closes)};
    },
    covered() {
      return Boolean(cover());
    },
    // [letters of words that were seen, of those that were not].
    letters() {
      const sum = [0, 0];
      for (const record of records.values()) {
        record.spans.forEach(([start, end], place) => {
          sum[record.seen[place] ? 0 : 1] += record.data.slice(start, end).match(/[\p{L}\p{N}]/gu)?.length || 0;
        });
      }
      return sum;
    },
    // Words below an empty stretch of three windows' height are beyond what a reader scrolls to.
    cutAtGap() {
      const tops = [];
      for (const record of records.values()) record.spans.forEach((span, place) => {
        if (record.seen[place]) tops.push(record.top[place]);
      });
      for (const part of document.querySelectorAll("img, video, iframe, canvas, svg, picture, embed, object")) {
        const box = part.getBoundingClientRect();
        if (box.width < 60 || box.height < 60) continue;
        for (let y = box.top; y <= box.bottom && y < box.top + 20000; y += innerHeight) tops.push(y + scrollY);
        tops.push(box.bottom + scrollY);
      }
      tops.sort((one, other) => one - other);
      let reached = 0;
      for (const top of tops) {
        if (top - reached > 3 * view().height) break;
        reached = Math.max(reached, top);
      }
      for (const record of records.values()) record.spans.forEach((span, place) => {
        if (record.seen[place] && record.top[place] > reached) record.seen[place] = 0;
      });
    },
    putFrame(frame, html) {
      frames.set(frame, html);
    },
    frameBox(frame) {
      const box = frame.getBoundingClientRect(), style = getComputedStyle(frame);
      const scale = frame.offsetWidth ? box.width / frame.offsetWidth : 1;
      const inner = (side, edge) => parseFloat(style[`border${side}Width`]) + parseFloat(style[`padding${side}`]);
      return {left: box.left + inner("Left") * scale, top: box.top + inner("Top") * scale, scale,
        width: frame.clientWidth * scale, height: frame.clientHeight * scale};
    },
    view,
    // Where a `meta` element sends a reader who stays for a while.
    refresh() {
      for (const part of document.querySelectorAll("meta[http-equiv=refresh i]")) {
        const found = /^\s*([\d.]+)\s*[;,]\s*url\s*=\s*['"]?([^'"]+)/i.exec(part.content);
        if (found && parseFloat(found[1]) <= 60) {
          try {
            return new URL(found[2].trim(), document.baseURI).href;
          } catch {
            return null;
          }
        }
      }
      return null;
    },
    size() {
      return [document.getElementsByTagName("*").length, document.documentElement.scrollHeight];
    },
    // The document as HTML with the players, the words that were seen alone, and links of which something was seen.
    html(limit, bodyOnly) {
      const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
      const quoted = (value) => value.replace(/&/g, "&amp;").replace(/"/g, "&quot;");
      const isShown = (player) => {
        const box = player.getBoundingClientRect();
        return box.width >= 100 && box.height >= 30 && player.checkVisibility({opacityProperty: true, visibilityProperty: true});
      };
      const shownText = (node) => {
        const record = records.get(node);
        if (!record) return /[\p{L}\p{N}]/u.test(node.data) ? "" : node.data;
        let out = "", from = 0, follows = false, place = 0;
        for (const part of record.data.matchAll(/\S+/g)) {
          out += record.data.slice(from, part.index);
          from = part.index + part[0].length;
          if (place < record.spans.length && record.spans[place][0] === part.index) follows = Boolean(record.seen[place++]);
          if (follows) out += part[0];
        }
        return out + record.data.slice(from);
      };
      const out = [];
      let size = 0;
      const put = (text) => {
        size += text.length;
        out.push(text);
      };
      const root = bodyOnly ? document.body || document.documentElement : document.documentElement;
      const stack = [root];
      while (stack.length && size < limit) {
        const node = stack.pop();
        if (typeof node === "string") put(node);
        else if (node.nodeType === 3) {
          const parent = node.parentElement;
          const head = parent && parent.localName === "title" && parent.closest("head");
          put(escape(head ? node.data : parent && parent.localName === "title" ? "" : shownText(node)));
        } else if (node.nodeType === 1) {
          const name = node.localName;
          if (name === "script" && node.type === "application/ld+json") {
            put(`<script type="application/ld+json">${node.textContent.replace(/<\//g, "<\\/")}</script>`);
            continue;
          }
          if (NOT_WRITTEN.has(name)) continue;
          if ((name === "video" || name === "audio") && !isShown(node)) continue;
          if (name === "iframe" || name === "frame") {
            if (node.src && isShown(node)) put(`<iframe src="${quoted(node.src)}"></iframe>`);
            put(`<section>${frames.get(node) || ""}</section>`);
            continue;
          }
          const hidden = name === "a" && node.hasAttribute("href") && !isSeen(node);
          const fields = [...node.attributes].filter(({name: field}) => !(hidden && field === "href") && !/["'<>=\s]/.test(field))
            .map(({name: field, value}) => ` ${field}="${quoted(value)}"`).join("");
          put(`<${name}${fields}>`);
          if (VOID.has(name)) continue;
          stack.push(`</${name}>`);
          const children = childrenOf(node);
          for (let index = children.length - 1; index >= 0; index--) stack.push(children[index]);
        }
      }
      while (stack.length) {
        const rest = stack.pop();
        if (typeof rest === "string") out.push(rest);
      }
      return (bodyOnly ? "" : "<!DOCTYPE html>") + out.join("");
    },
  };
})
