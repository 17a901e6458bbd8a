// The rich editor over a body's textarea: the only file that knows the library. Without it the textarea is written in.
// What it lets through is a convenience; the server cleans every text again, whoever sent it.
"use strict";

(() => {
  const vi = document.documentElement.lang !== "en";
  const says = (own, english) => (vi ? own : english);
  const ALLOWED =
    "p,strong/b,em/i,a[href|title],ul,ol,li,table,thead,tbody,tr,td[colspan|rowspan],th[colspan|rowspan|scope]," +
    "h2,h3,blockquote,img[src|alt|width|height],figure,figcaption,br";

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
      area.value = area.value === area.defaultValue ? area.dataset.html : paragraphs(area.value);
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

  // Word's lists live in styles that the editor drops, so what comes from Word is cleaned by the server before it goes in.
  function pasteFromWord(editor, area) {
    editor.on("paste", async (event) => {
      const html = event.clipboardData?.getData("text/html") || "";
      if (!/class="?Mso|mso-|urn:schemas-microsoft-com:office/i.test(html)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const mark = editor.selection.getBookmark(2);
      let clean = html;
      try {
        clean = (await send(area.dataset.cleanUrl, { html }, area.form)).html;
      } catch (error) {
        editor.notificationManager.open({ text: error.message, type: "warning", timeout: 8000 });
      }
      editor.selection.moveToBookmark(mark);
      editor.undoManager.transact(() => editor.insertContent(clean));
    }, true);
  }

  // The editor's own complaints would be English sentences about files; ours say what to do.
  async function upload(area, blob) {
    try {
      return (await send(area.dataset.pictureUrl, { picture: blob.blob() }, area.form)).url;
    } catch (error) {
      throw { message: error.message, remove: true };
    }
  }

  function start(area) {
    const folder = new URL(area.dataset.editor, location.href).href.replace(/\/$/, "");
    const label = area.form.querySelector(`label[for="${area.id}"]`).textContent;
    toHtml(area);
    window.hugerte.init({
      target: area,
      base_url: folder,
      suffix: ".min",
      language: vi ? "vi" : undefined,
      skin: dark() ? "oxide-dark" : "oxide",
      content_css: area.dataset.sheets.split(" "),
      plugins: "lists link table image",
      toolbar: "blocks | bold italic | bullist numlist | table link image | removeformat | undo redo",
      toolbar_mode: "wrap",
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
      images_file_types: "jpg,jpeg,png,webp",
      images_upload_handler: area.dataset.pictureUrl ? (blob) => upload(area, blob) : undefined,
      image_uploadtab: Boolean(area.dataset.pictureUrl),
      iframe_aria_text: label,
      min_height: 420,
      height: 520,
      setup(editor) {
        pasteFromWord(editor, area);
        editor.on("init", () => {
          const theme = document.documentElement.dataset.bsTheme;
          if (theme) editor.getDoc().documentElement.dataset.bsTheme = theme;
          editor.getDoc().documentElement.lang = "vi";
          area.dispatchEvent(new Event("editor-ready", { bubbles: true }));
        });
        // The textarea always holds what the editor shows: whoever reads the form reads the truth.
        editor.on("input change undo redo ExecCommand SetContent", () => {
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
      if (!file || event.target.matches?.("input[type=file]")) return;
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

  document.addEventListener("DOMContentLoaded", () => {
    for (const area of document.querySelectorAll("textarea[data-editor]")) {
      if (window.hugerte) start(area);
      takeFiles(area.form);
    }
  });
})();
