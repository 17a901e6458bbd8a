// The rich editor over a body's textarea: the only file that knows the library. Without it the textarea is written in.
// What it lets through is a convenience; the server cleans every text again, whoever sent it.
"use strict";

(() => {
  const vi = document.documentElement.lang !== "en";
  const says = (own, english) => (vi ? own : english);
  const ALLOWED =
    "p,strong/b,em/i,a[href|title],ul,ol,li,table,thead,tbody,tr,td[colspan|rowspan],th[colspan|rowspan|scope]," +
    "h2,h3,blockquote,img[src|alt|width|height],figure,figcaption,br";

  // The library marks the cursor by a span with an inline style, which the policy blocks. The same style is allowed as a
  // property.
  const MARK = '<span data-mce-bogus="all" style="display: inline-block;">\ufeff</span>';
  const inner = Object.getOwnPropertyDescriptor(Element.prototype, "innerHTML");
  Object.defineProperty(Element.prototype, "innerHTML", {
    ...inner,
    set(html) {
      inner.set.call(this, html === MARK ? MARK.replace(/ style="[^"]*"/, "") : html);
      if (html === MARK) this.firstChild.style.display = "inline-block";
    },
  });

  function dark() {
    const asked = document.documentElement.dataset.bsTheme;
    return asked ? asked === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  // What people typed as plain text, one paragraph a block; the server makes lists of lines that begin with "- ".
  function paragraphs(text) {
    const holder = document.createElement("div");
    for (const part of text.split(/\n\s*\n/)) {
      const paragraph = document.createElement("p");
      paragraph.textContent = part.trim();
      if (paragraph.textContent) holder.append(paragraph);
    }
    return holder.innerHTML;
  }

  // From plain text to HTML, once: the form says from here on that its body is HTML.
  function toHtml(area) {
    const plain = area.form.querySelector("input[name=body_as][value=text]");
    const html = area.form.querySelector("input[name=body_as][value=html]");
    if (plain.checked) {
      area.value = area.value === area.defaultValue && area.dataset.html ? area.dataset.html : paragraphs(area.value);
      html.checked = true;
    }
    plain.closest("fieldset").hidden = true;
  }

  async function send(url, data, form) {
    const body = new FormData();
    for (const [name, value] of Object.entries(data)) body.append(name, value);
    const answer = await fetch(url, {
      method: "POST",
      body,
      headers: { "X-CSRFToken": form.querySelector("[name=csrf_token]").value, Accept: "application/json" },
    });
    if (answer.redirected) throw new Error(says("Phiên đã hết, mời đăng nhập lại ở một thẻ khác.", "Please sign in again in another tab."));
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(told.message || says("Máy chủ chưa trả lời được.", "The server could not answer."));
    return told;
  }

  const size = (text) => new TextEncoder().encode(text).length;
  const inMegabytes = (bytes) => (bytes / 1e6).toLocaleString(vi ? "vi" : "en", { maximumFractionDigits: 1, minimumFractionDigits: 1 });

  // Most of what Word puts on the clipboard is styles and comments: none of it is text. Nor are scripts, which the policy
  // would block.
  function lighten(html) {
    return inTags(html, /\son\w+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, "").replace(
      /<!--[\s\S]*?-->|<(style|xml|script)\b[\s\S]*?<\/\1\s*>/gi, ""
    );
  }

  // Styles are not kept, and the policy blocks them where they are read from HTML.
  const unstyled = (html) => inTags(html, /\sstyle\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, "");

  // The same html with its styles under another name, and back: so they can be read without being applied.
  const inTags = (html, from, to) => html.replace(/<[^<>]*>/g, (tag) => tag.replace(from, to));
  const setAside = (html) => inTags(html, /\sstyle\s*=/gi, " data-style=");
  const putBack = (html) => inTags(html, / data-style=/g, " style=");

  // The most bytes of a text: as the form says, else what the cleaning takes at once.
  const mostOf = (area) => Number(area.dataset.most) || 1e6;

  // Pieces that the server takes one by one. A cut never falls between two lines of one list.
  function pieces(body, most) {
    const whole = putBack(body.innerHTML);
    if (size(whole) <= most) return [whole];
    let parts = [...body.childNodes];
    while (parts.length === 1 && parts[0].nodeName === "DIV") parts = [...parts[0].childNodes];
    const found = [];
    let run = "";
    for (const part of parts) {
      const next = part.outerHTML !== undefined ? putBack(part.outerHTML) : part.textContent.replace(/&/g, "&amp;").replace(/</g, "&lt;");
      const inList = /mso-list/i.test(part.getAttribute?.("data-style") || "");
      if (run && size(run) + size(next) > most / (inList ? 1 : 2)) {
        found.push(run);
        run = "";
      }
      run += next;
    }
    return [...found, run].filter(Boolean);
  }

  const ended = (sentence) => sentence.replace(/\.?$/, ".");

  // One line above the editor says what became of the last paste. It stays until the next one.
  function tell(area, text, grave) {
    let line = document.getElementById(`${area.id}-pasted`);
    if (!line) {
      line = document.createElement("p");
      line.id = `${area.id}-pasted`;
      line.setAttribute("role", "status");
      area.before(line);
    }
    line.className = grave ? "error" : "hint";
    line.textContent = text;
    line.hidden = !text;
  }

  const ofDigits = (hex) => Uint8Array.from(hex.match(/../g) || [], (pair) => parseInt(pair, 16));

  // The pictures of RTF, in their order: a blob of each PNG and JPEG, null for another kind. Word writes every picture a
  // second time for old programs, in a group "nonshppict".
  function picturesInRtf(rtf) {
    const found = [];
    const braces = /[{}]/g;
    for (const { index } of rtf.matchAll(/\{\\pict\b/g)) {
      if (/\\nonshppict\s*$/.test(rtf.slice(Math.max(index - 20, 0), index))) continue;
      // What stands in the picture's own group, without the groups in it: its kind and its bytes as digits.
      let own = "";
      let depth = 0;
      let from = index;
      braces.lastIndex = index;
      for (let brace = braces.exec(rtf); brace; brace = braces.exec(rtf)) {
        if (depth === 1) own += `${rtf.slice(from, brace.index)} `;
        depth += brace[0] === "{" ? 1 : -1;
        from = brace.index + 1;
        if (!depth) break;
      }
      const kind = /\\(png|jpeg)blip\b/.exec(own)?.[1];
      const hex = own.replace(/\\[a-z]+-?\d* ?/gi, "").replace(/[^\da-f]/gi, "");
      found.push(kind ? new Blob([ofDigits(hex)], { type: `image/${kind}` }) : null);
    }
    return found;
  }

  function pictureInAddress(address) {
    const found = /^data:(image\/[\w.+-]+);base64,([\s\S]*)$/i.exec(address);
    try {
      return found && new Blob([Uint8Array.from(atob(found[2]), (letter) => letter.charCodeAt(0))], { type: found[1] });
    } catch {
      return null; // not base64
    }
  }

  // Each picture of pasted HTML with its bytes: of its own address, of the RTF beside it, else a file of the clipboard;
  // null where the clipboard has none. A file beside a text that names more or fewer pictures may show the text itself.
  // A picture with an address on the web keeps it where pictures are taken.
  function picturesIn(body, rtf, files, taken) {
    const source = (image) => image.getAttribute("src") || "";
    const local = [...body.querySelectorAll("img")].filter((image) => !taken || !/^https?:/i.test(source(image)));
    const unread = local.filter((image) => !/^data:/i.test(source(image)));
    const inRtf = unread.length ? picturesInRtf(rtf) : [];
    const beside = inRtf.length ? inRtf : files;
    return local.map((image) => {
      const place = unread.indexOf(image);
      if (place < 0) return [image, pictureInAddress(source(image))];
      return [image, beside.length === unread.length ? beside[place] : null];
    });
  }

  // What Word writes by itself describes no picture: a file's name or a machine's guess.
  const NO_DESCRIPTION = /^\S+\.(png|jpe?g|gif|webp|bmp|emf|wmf)$|automatically generated|AI-generated|được tạo tự động/i;

  // Pictures are sent as those chosen in the dialog, and stand in the HTML under their address here. Those without bytes
  // and those that the server refuses are taken out. How many of each, and why.
  async function uploadPictures(area, pictures) {
    const found = { uploaded: 0, missing: 0, refused: [], undescribed: 0 };
    const wanted = pictures.filter(([, blob]) => blob && area.dataset.pictureUrl);
    for (const [image, blob] of pictures) {
      if (!blob || !area.dataset.pictureUrl) {
        image.remove();
        found.missing += 1;
        continue;
      }
      tell(area, says(
        `Đang đưa ảnh vào: ${found.uploaded + found.refused.length + 1}/${wanted.length}…`,
        `Taking in pictures: ${found.uploaded + found.refused.length + 1}/${wanted.length}…`
      ));
      try {
        const told = await send(area.dataset.pictureUrl, { picture: blob }, area.form);
        for (const name of [...image.getAttributeNames()]) if (name !== "alt") image.removeAttribute(name);
        image.setAttribute("src", told.url);
        if (NO_DESCRIPTION.test(image.alt)) image.alt = "";
        found.uploaded += 1;
        found.undescribed += image.alt.trim() ? 0 : 1;
      } catch (error) {
        image.remove();
        found.refused.push(error.message);
      }
    }
    return found;
  }

  // What became of the pictures, in sentences.
  function pictureSentences(area, { uploaded, missing, refused, undescribed }, foreign) {
    const sentences = [];
    if (uploaded) sentences.push(says(`Đã đưa ${uploaded} ảnh vào bài.`, `Pictures taken in: ${uploaded}.`));
    if (undescribed) sentences.push(says(
      `${undescribed} ảnh chưa có mô tả: chọn ảnh, bấm nút ảnh, viết một câu ảnh có gì.`,
      `Pictures without a description: ${undescribed}. Select one, press the picture button and say in a sentence what it shows.`
    ));
    if (foreign) sentences.push(says(
      `${foreign} ảnh của trang khác được lấy về khi lưu.`, `Pictures of other sites, fetched on saving: ${foreign}.`
    ));
    if (missing && area.dataset.pictureUrl) sentences.push(says(
      `${missing} ảnh không có trong bộ nhớ tạm nên chưa vào bài: mở bài gốc, sao chép riêng từng ảnh rồi dán vào đây, hoặc lưu ảnh thành tệp rồi bấm nút “Chèn hoặc sửa ảnh”.`,
      `Pictures that the clipboard did not hold and the text lacks: ${missing}. Copy each one by itself in the original and paste it here, or save it as a file and press “Insert or edit a picture”.`
    ));
    else if (missing) sentences.push(says(`Ở đây không nhận ảnh: đã bỏ ${missing} ảnh.`, `No pictures are taken here, left out: ${missing}.`));
    if (refused.length) sentences.push(says(
      `${refused.length} ảnh không nhận được: ${[...new Set(refused)].map(ended).join(" ")}`,
      `Pictures refused: ${refused.length}. ${[...new Set(refused)].map(ended).join(" ")}`
    ));
    return sentences;
  }

  // What comes from elsewhere is cleaned by the server before it goes in: Word's lists live in styles that the editor
  // drops, and a long text is more than its own paste takes. Until then it is held in a document of its own, which loads
  // nothing. A piece that the server cannot take goes in as the editor reads it, and that is said: no word is lost.
  function pasteFromElsewhere(editor, area) {
    editor.on("paste", async (event) => {
      const brought = event.clipboardData;
      const html = brought?.getData("text/html") || "";
      const files = [...(brought?.files || [])].filter((file) => file.type.startsWith("image/"));
      if ((!html && !files.length) || brought.types.includes("x-hugerte/html")) return;
      const rtf = brought.getData("text/rtf");
      event.preventDefault();
      event.stopImmediatePropagation();
      const mark = editor.selection.getBookmark(2);
      const shown = html ? setAside(lighten(html)) : "<p><img></p>".repeat(files.length);
      const { body } = new DOMParser().parseFromString(shown, "text/html");
      const clean = [];
      const notes = new Set();
      let trouble = "";
      editor.setProgressState(true, 400); // ms until the page says that it is busy
      const pictures = await uploadPictures(area, picturesIn(body, rtf, files, Boolean(area.dataset.pictureUrl)));
      const foreign = [...body.querySelectorAll("img")].filter((image) => isForeign(image.getAttribute("src"))).length;
      for (const piece of pieces(body, mostOf(area))) {
        try {
          const told = await send(area.dataset.cleanUrl, { html: piece }, area.form);
          clean.push(told.html);
          for (const note of told.notes) notes.add(note);
        } catch (error) {
          clean.push(unstyled(piece));
          trouble = error.message;
        }
      }
      editor.setProgressState(false);
      editor.selection.moveToBookmark(mark);
      editor.undoManager.transact(() => editor.insertContent(clean.join("")));
      const sentences = pictureSentences(area, pictures, foreign);
      if (trouble) {
        sentences.unshift(says(
          `Chữ dán đã vào đủ, nhưng danh sách và bảng có thể không giữ được kiểu: ${ended(trouble)} Muốn giữ kiểu: bấm hoàn tác rồi dán từng phần, hoặc dùng mục “Lấy nội dung từ tệp”.`,
          `All the words are in, but lists and tables may have lost their form: ${ended(trouble)} To keep it, undo and paste in parts, or use “Take the text from a file”.`
        ));
      } else if (notes.size) {
        sentences.push(says(`Khi dán: ${[...notes].join("; ")}.`, `On pasting: ${[...notes].join("; ")}.`));
      }
      tell(area, sentences.join(" "), trouble || pictures.missing || pictures.refused.length);
    }, true);
  }

  const isForeign = (address) => /^https?:/i.test(address || "") && new URL(address).origin !== location.origin;

  // A picture of another site is fetched when the text is saved. Until then a drawing stands for it in the editor: the
  // policy of the page blocks pictures from elsewhere.
  function standInForForeign(editor, area) {
    editor.on("PreInit", () => {
      editor.parser.addAttributeFilter("src", (nodes) => {
        for (const node of nodes) {
          if (node.name !== "img" || !isForeign(node.attr("src"))) continue;
          node.attr("data-mce-src", node.attr("src"));
          node.attr("src", area.dataset.standIn);
        }
      });
    });
  }

  // More than a bulletin holds is said below the editor for as long as it is so, and is not sent: the server would refuse
  // it, and what is in the editor is safer there.
  function watchSize(area) {
    const most = mostOf(area);
    const line = document.createElement("p");
    line.className = "error";
    line.id = `${area.id}-long`;
    line.setAttribute("role", "alert");
    line.hidden = true;
    line.tabIndex = -1;
    area.parentElement.append(line);
    const over = () => (area.value.length * 3 > most ? size(area.value) - most : 0);
    const show = () => {
      const much = over();
      line.hidden = much <= 0;
      if (much <= 0) return;
      const words = says(
        `Nội dung dài ${inMegabytes(much + most)} MB, ở đây nhận nhiều nhất ${inMegabytes(most)} MB. Chữ vẫn còn nguyên ở trên nhưng chưa lưu được: bớt khoảng ${Math.ceil((much / (much + most)) * 100)}% rồi lưu, hoặc chia thành nhiều bài.`,
        `The text is ${inMegabytes(much + most)} MB, at most ${inMegabytes(most)} MB are taken. All of it is still above, but it cannot be saved: take out about ${Math.ceil((much / (much + most)) * 100)}%, or make several texts of it.`
      );
      if (line.textContent !== words) line.textContent = words;
    };
    area.addEventListener("input", show);
    area.form.addEventListener("submit", (event) => {
      // A button that saves nothing, such as taking the text from a file, is a way out; up to what the server reads at all.
      const saves = ["save", "submit", "send"].includes(event.submitter?.value);
      if (over() <= (saves ? 0 : 2 * most)) return;
      event.preventDefault();
      show();
      line.focus();
    });
    show();
  }

  // The editor's own complaints would be English sentences about files; ours say what to do.
  async function upload(area, blob) {
    try {
      return (await send(area.dataset.pictureUrl, { picture: blob.blob() }, area.form)).url;
    } catch (error) {
      throw { message: error.message, remove: true };
    }
  }

  // A picture stands between two blocks, never inside a word or what is bold: the caret moves to an empty paragraph after
  // the block that it is in. In a cell or a line of a list it stands at the end of that.
  function betweenBlocks(editor) {
    editor.on("BeforeExecCommand", ({ command }) => {
      if (command !== "mceUpdateImage" || editor.selection.getNode().nodeName === "IMG") return;
      editor.focus();
      editor.selection.collapse(false);
      const block = editor.dom.getParent(editor.selection.getNode(), "p,h2,h3,li,td,th,figure,figcaption");
      if (!block || (block.nodeName === "P" && !block.textContent.trim() && !block.querySelector("img"))) return;
      const empty = editor.dom.create("p", {}, "<br>");
      if (/^(LI|TD|TH)$/.test(block.nodeName)) block.append(empty);
      else editor.dom.insertAfter(empty, block.closest("figure") || block);
      editor.selection.setCursorLocation(empty, 0);
    });
    // Somebody who adds a picture has a file: only a picture that stands in the text opens with its description.
    editor.on("OpenWindow", ({ dialog }) => {
      const data = dialog.getData();
      if (!("fileinput" in data) || data.src?.value) return;
      dialog.showTab("upload");
      document.querySelector(".tox-dropzone button")?.focus();
    });
  }

  // A picture of the library, chosen in the page's own dialog; null where none is taken.
  function fromLibrary() {
    const dialog = document.getElementById("thu-vien");
    return new Promise((done) => {
      dialog.returnValue = "";
      dialog.addEventListener("close", () => {
        const one = dialog.returnValue === "take" ? dialog.querySelector("input[type=radio]:checked") : null;
        done(one && { url: one.dataset.url, alt: one.dataset.alt });
      }, { once: true });
      dialog.showModal();
      dialog.querySelector("input[type=search]").focus();
    });
  }

  // The frame is as high as its text, so that the page alone scrolls. writing.css gives the least height.
  function growWithText(editor) {
    editor.on("init", () => {
      const { style } = editor.getContentAreaContainer();
      new ResizeObserver(() => {
        style.minHeight = `${editor.getBody().offsetHeight}px`;
      }).observe(editor.getBody());
    });
  }

  /* The library nests a menu in a list box and marks its entries as selected, which says two things to a reader's
     program; and its menus stand outside of every landmark. */
  const nameMenus = () => {
    const outside = document.querySelector(".tox-hugerte-aux");
    if (!outside || outside.getAttribute("role")) return;
    outside.setAttribute("role", "region");
    outside.setAttribute("aria-label", says("Trình soạn thảo", "Editor"));
    new MutationObserver(() => {
      for (const box of outside.querySelectorAll("[role=listbox]:has([role=menu])")) box.removeAttribute("role");
      for (const entry of outside.querySelectorAll("[role^=menuitem][aria-selected]")) entry.removeAttribute("aria-selected");
    }).observe(outside, { subtree: true, childList: true, attributes: true, attributeFilter: ["role", "aria-selected"] });
  };

  function start(area) {
    const folder = new URL(area.dataset.editor, location.href).href.replace(/\/$/, "");
    const label = area.form.querySelector(`label[for="${area.id}"]`).textContent;
    const wrong = document.getElementById(`${area.id}-e`);
    toHtml(area);
    watchSize(area);
    // The box itself is hidden: its label, and an error that leads to it, lead into the editor.
    for (const way of document.querySelectorAll(`label[for="${area.id}"], .summary a[href="#${area.id}"]`)) {
      way.addEventListener("click", () => window.hugerte.get(area.id)?.focus());
    }
    window.hugerte.init({
      target: area,
      base_url: folder,
      suffix: ".min",
      language: vi ? "vi" : undefined,
      skin: dark() ? "oxide-dark" : "oxide",
      content_css: area.dataset.sheets.split(" "),
      plugins: "lists link table image",
      toolbar: "blocks | bold italic | bullist numlist | table link image library | removeformat | undo redo",
      toolbar_mode: matchMedia("(max-width: 47.99rem)").matches ? "scrolling" : "wrap",
      block_formats: says(
        "Đoạn văn=p;Tiêu đề mục=h2;Tiêu đề nhỏ=h3;Trích dẫn=blockquote",
        "Paragraph=p;Heading=h2;Small heading=h3;Quotation=blockquote"
      ),
      menubar: false,
      statusbar: false,
      branding: false,
      promotion: false,
      entity_encoding: "raw",
      valid_elements: ALLOWED,
      valid_styles: {},
      convert_urls: false,
      link_title: false,
      link_target_list: false,
      link_default_protocol: "https",
      image_dimensions: false,
      table_default_attributes: {},
      table_default_styles: {},
      table_header_type: "sectionCells",
      table_toolbar: "tableinsertrowafter tableinsertcolafter | tabledeleterow tabledeletecol tabledelete | tablerowheader",
      table_resize_bars: false,
      object_resizing: false,
      paste_data_images: false,
      automatic_uploads: true,
      images_reuse_filename: true,
      file_picker_types: "image",
      file_picker_callback: document.getElementById("thu-vien")
        ? async (take) => {
            const one = await fromLibrary();
            if (one) take(one.url, { alt: one.alt });
          }
        : undefined,
      images_file_types: "jpg,jpeg,png,webp",
      images_upload_handler: area.dataset.pictureUrl ? (blob) => upload(area, blob) : undefined,
      image_uploadtab: Boolean(area.dataset.pictureUrl),
      iframe_aria_text: wrong ? `${label}. ${wrong.textContent.trim()}` : label,
      height: "auto",
      setup(editor) {
        pasteFromElsewhere(editor, area);
        standInForForeign(editor, area);
        growWithText(editor);
        betweenBlocks(editor);
        editor.on("init", () => nameMenus());
        editor.ui.registry.addButton("library", {
          icon: "gallery",
          tooltip: says("Ảnh từ thư viện", "Picture from the library"),
          async onAction() {
            const one = await fromLibrary();
            if (one) editor.execCommand("mceUpdateImage", false, { src: one.url, alt: one.alt });
          },
        });
        editor.on("init", () => {
          const theme = document.documentElement.dataset.bsTheme;
          if (theme) editor.getDoc().documentElement.dataset.bsTheme = theme;
          editor.getDoc().documentElement.lang = "vi";
          editor.save(); // as it will write the text from now on, with a line between two paragraphs
          area.dispatchEvent(new Event("editor-ready", { bubbles: true }));
        });
        // The textarea always holds what the editor shows: whoever reads the form reads the truth.
        // Before it is ready it only reads, and says of that what it says of typing.
        editor.on("input change undo redo ExecCommand SetContent", () => {
          if (!editor.initialized) return;
          editor.save();
          area.dispatchEvent(new Event("input", { bubbles: true }));
        });
      },
    });
  }

  // A file dropped anywhere on the form is as one chosen in its field: the server reads a text into the boxes and makes a
  // picture the cover. Choosing is enough, the button need not be pressed as well.
  function takeFiles(form) {
    const doors = ["file", "picture"]
      .map((name) => ({ field: form.querySelector(`input[type=file][name=${name}]`), act: name === "file" ? "upload" : name }))
      .map((one) => ({ ...one, button: form.querySelector(`button[value=${one.act}]`) }))
      .filter((one) => one.field && one.button);
    form.addEventListener("dragover", (event) => {
      if ([...(event.dataTransfer?.types || [])].includes("Files")) event.preventDefault();
    });
    form.addEventListener("drop", (event) => {
      const file = event.dataTransfer?.files?.[0];
      if (!file || event.target.closest?.("input[type=file], #tep-kem")) return;
      const door = doors.find((one) => one.field.accept.split(",").some((end) => file.name.toLowerCase().endsWith(end)));
      event.preventDefault();
      if (!door) return;
      const one = new DataTransfer();
      one.items.add(file);
      door.field.files = one.files;
      door.button.click();
    });
    for (const { field, button } of doors) field.addEventListener("change", () => field.files.length && button.click());
  }

  // Enter in a field with a search of its own presses that button, not the first one of the form.
  document.addEventListener("keydown", (event) => {
    const act = event.key === "Enter" && !event.isComposing && event.target.dataset?.enter;
    if (!act) return;
    event.preventDefault();
    event.target.form.querySelector(`button[value="${act}"]`)?.click();
  });

  // Words as the server counts them, said when somebody pauses and the number has changed.
  function countWords(line, area) {
    const PAUSE = 1500; // ms after the last key
    const number = new Intl.NumberFormat(vi ? "vi" : "en");
    const inText = (text) => text.split(/\s+/).filter(Boolean).length;
    const inBody = () => {
      const editor = window.hugerte?.get(area.id);
      return inText(editor?.initialized ? editor.getContent({ format: "text" }) : area.value);
    };
    const { title, lead } = area.form.elements;
    let timer = 0;
    const show = () => {
      const [head, sapo, body] = [inText(title.value), inText(lead.value), inBody()].map(number.format);
      const words = says(
        `Tiêu đề ${head} chữ · sapo ${sapo} · nội dung ${body}`, `Words: title ${head} · lead ${sapo} · text ${body}`
      );
      if (line.textContent !== words) line.textContent = words;
    };
    area.form.addEventListener("input", ({ target }) => {
      if (![title, lead, area].includes(target)) return;
      clearTimeout(timer);
      timer = setTimeout(show, PAUSE);
    });
    area.addEventListener("editor-ready", show);
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const area of document.querySelectorAll("textarea[data-editor]")) {
      const words = document.querySelector("[data-words-of]");
      if (words) countWords(words, area);
      if (window.hugerte) start(area);
      takeFiles(area.form);
    }
  });
})();
