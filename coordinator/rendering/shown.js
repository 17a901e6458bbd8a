// Takes away what a reader of the page does not see, and returns the rest as HTML: of the document, or of its body.
([limit, bodyOnly]) => {
  const late = performance.now() + 8000;
  const known = new Map();
  const clear = (colour) => /^rgba\(.*, 0\)$|^transparent$/.test(colour);
  const background = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none") return null;
      if (!clear(style.backgroundColor)) return style.backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  const boxed = (element) => {
    for (let at = element, steps = 0; at && at !== document.body && steps < 30; at = at.parentElement, steps++) {
      const style = getComputedStyle(at);
      if (style.overflow !== "visible" || style.clip !== "auto" || style.clipPath !== "none") {
        const box = at.getBoundingClientRect();
        if (box.width <= 2 || box.height <= 2) return true;
        if (/inset\(\s*(50|100)%/.test(style.clipPath)) return true;
      }
    }
    return false;
  };
  const shown = (element) => {
    if (known.has(element)) return known.get(element);
    let result = true;
    if (element.checkVisibility && !element.checkVisibility({opacityProperty: true, visibilityProperty: true})) {
      result = false;
    } else {
      const style = getComputedStyle(element);
      const colour = style.webkitTextFillColor || style.color;
      result = parseFloat(style.fontSize) >= 4 && !clear(colour) && background(element) !== colour && !boxed(element);
    }
    known.set(element, result);
    return result;
  };
  const width = Math.max(document.documentElement.scrollWidth, innerWidth);
  const inside = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return placed(range.getBoundingClientRect());
  };
  const placed = (box) => {
    return box.width > 0 && box.height > 0 && box.right + scrollX > 0 && box.bottom + scrollY > 0
      && box.left + scrollX < width;
  };
  const root = document.body || document.documentElement;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const empty = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (performance.now() > late) break;
    if (!node.data.trim() || !node.parentElement) continue;
    if (/^(script|style|noscript|template|textarea|title)$/i.test(node.parentElement.tagName)) continue;
    if (!shown(node.parentElement) || !inside(node)) empty.push(node);
  }
  const links = [...root.querySelectorAll("a[href]")].filter(
    (link) => performance.now() < late && (!shown(link) || ![...link.getClientRects()].some(placed)));
  for (const node of empty) node.data = "";
  for (const link of links) link.removeAttribute("href");
  for (const part of document.querySelectorAll("script:not([type='application/ld+json']), style, noscript, template")) {
    part.remove();
  }
  return (bodyOnly ? root.innerHTML : document.documentElement.outerHTML).slice(0, limit);
}
