"""Pages for the look: ways of hiding a text, attacks on who looks, and honest layouts.

Each page holds ``TEXT`` once. On a page of ``HIDING`` and ``ATTACKS`` a reader does not see it; on one of ``HONEST``
they do, by themselves or after a press that anybody would make.
"""

from typing import Final

TEXT: Final = (
    "Từ ngày 24 đến 28 tháng 11, trạm y tế của ba mươi phường mở thêm buổi tiêm chiều cho trẻ từ chín tháng tuổi. "
    "Phụ huynh mang theo sổ tiêm và giấy hẹn, đến đúng khung giờ ghi trên tin nhắn để không phải chờ lâu. "
    "Trẻ được theo dõi ba mươi phút sau khi tiêm; nếu sốt cao, gia đình báo ngay cho trạm y tế gần nhất."
)
OTHER: Final = (
    "Chợ đêm ven sông mở lại từ cuối tuần với hơn hai trăm gian hàng, bãi giữ xe miễn phí và nhiều tiết mục văn nghệ. "
    "Ban quản lý nhắc khách giữ gìn vệ sinh chung, không mang theo vật dễ cháy và để ý trẻ nhỏ đi cùng người lớn."
)
P: Final = f"<p class=t>{TEXT}</p>"
WORDS: Final = "".join(f"<span>{word}</span> " for word in TEXT.split())
LETTERS: Final = "".join(f"<i>{letter}</i>" if letter != " " else " " for letter in TEXT)
# A picture of lines that look like letters, in two moments.
_FLICKER = (
    "data:image/gif;base64,R0lGODlhCAAIAPAAAAAAAP///yH/C05FVFNDQVBFMi4wAwEAAAAh+QQECgAAACwAAAAACAAIAAACDIQPgcvt"
    "D6OctNqLBQAh+QQECgAAACwAAAAACAAIAAACDIyPqcvtD6OctNqLBQA7"
)


def page(body: str, head: str = "") -> str:
    """A whole page around a body."""
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Tin trong ngày</title>{head}</head><body><h1>Tin trong ngày</h1><p>{OTHER}</p>{body}"
        f"<p>{OTHER}</p></body></html>"
    )


def css(rules: str, body: str = P) -> str:
    """A page with a style sheet."""
    return page(body, f"<style>{rules}</style>")


def js(script: str, body: str = P, head: str = "") -> str:
    """A page with a script at its end."""
    return page(f"{body}<script>{script}</script>", head)


HIDING: Final[dict[str, str]] = {
    # Not laid out at all
    "hidden": page(f"<div hidden>{P}</div>"),
    "hidden until-found": page(f'<div hidden="until-found">{P}</div>'),
    "display none": css(".t{display:none}"),
    "display none by a condition that always holds": css("@media (min-width:1px){.t{display:none}}"),
    "by not of an unknown feature": css("@supports not (display:nothing){.t{display:none}}"),
    "by a media list": css("@media screen, print{.t{display:none}}"),
    "by not print": css("@media not print{.t{display:none}}"),
    "by a layer": css("@layer a{.t{display:none!important}} .t{display:block!important}"),
    "by a container": css("body{container-type:inline-size} @container (min-width:1px){.t{display:none}}"),
    "by nesting": css("body{& .t{display:none}}"),
    "by :has": css("body:has(.t) .t{display:none}"),
    "by :is": css(":is(p,div):where(.t){display:none}"),
    "by :not of a class that is nowhere": css("p:not(.x).t{display:none}"),
    "by :lang": css("p:lang(vi).t{display:none}"),
    "by an attribute": css("[class^='t']{display:none}"),
    "by nth-of-type": css("p:nth-of-type(2){display:none}"),
    "by an ancestor's sibling": css("h1~.t{display:none}"),
    "by a variable": css(":root{--a:none} .t{display:var(--a)}"),
    "by a fallback of a variable": css(".t{display:var(--nowhere,none)}"),
    "by env": css(".t{height:env(--x,0px);overflow:hidden}"),
    "by @scope": css("@scope (body){.t{display:none}}"),
    "by @starting-style and transition": css(".t{opacity:0;transition:opacity 1s} @starting-style{.t{opacity:1}}"),
    "in a closed details": page(
        f"<details style='pointer-events:none'><summary style='font-size:0'>.</summary>{P}</details>"
    ),
    "in a template": page(f"<template>{P}</template>"),
    "in noscript": page(f"<noscript>{P}</noscript>"),
    "in a comment of a shadow root": page(f"<div><template shadowrootmode=open><b>Tin</b></template>{P}</div>"),
    "in a slot that is nowhere": page(f"<div><template shadowrootmode=open><slot name=a></slot></template>{P}</div>"),
    "in a slot that is hidden": page(
        f"<div><template shadowrootmode=open><style>slot{{display:none}}</style><slot></slot></template>{P}</div>"
    ),
    "in a closed shadow root that hides": page(
        f"<div><template shadowrootmode=closed><style>:host{{opacity:0}}</style>{P}</template></div>"
    ),
    "content-visibility": css(".t{content-visibility:hidden}"),
    "in an empty dialog": page(f"<dialog>{P}</dialog>"),
    "in a popover": page(f"<div popover>{P}</div>"),
    "in a select": page(f"<select><option>{TEXT}</option></select>"),
    "in the fallback of an object": page(f"<canvas width=10 height=10>{P}</canvas>"),
    "in the fallback of a video": page(f"<video>{P}</video>"),
    "display contents of nothing": css(".t{display:contents;visibility:hidden}"),
    # Laid out, not painted
    "visibility hidden": css(".t{visibility:hidden}"),
    "visibility collapse": css(".t{visibility:collapse}"),
    "opacity 0": css(".t{opacity:0}"),
    "opacity .02": css(".t{opacity:.02}"),
    "nested opacity": page(
        f"<div style='opacity:.3'><div style='opacity:.3'><div style='opacity:.3'>{P}</div></div></div>"
    ),
    "opacity by a filter": css(".t{filter:opacity(0)}"),
    "opacity by an animation that ended": css("@keyframes a{to{opacity:0}} .t{animation:a .1s forwards}"),
    "opacity by a paused animation": css("@keyframes a{from{opacity:0}to{opacity:1}} .t{animation:a 1s paused}"),
    "opacity by an animation of a day": css(
        "@keyframes a{0%,99%{opacity:0}to{opacity:1}} .t{animation:a 86400s forwards}"
    ),
    "opacity by a delay of an hour": css(
        "@keyframes a{from{opacity:0}to{opacity:1}} .t{opacity:0;animation:a 1s 3600s forwards}"
    ),
    "brightness on white": css(".t{filter:brightness(0) invert(1)}"),
    "contrast 0": css(".t{background:#fff;filter:contrast(0)}"),
    "blur": css(".t{filter:blur(9px)}"),
    "blur of a little less": css(".t{filter:blur(5px)}"),
    "blurred from above": css(
        ".o{position:relative}.o::after{content:'';position:absolute;inset:0;backdrop-filter:blur(9px)}",
        f"<div class=o>{P}</div>",
    ),
    "mask none of it": css(".t{mask-image:linear-gradient(transparent,transparent)}"),
    "mask by a picture": css(
        ".t{mask:url(\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>\")}"
    ),
    "mask of size 0": css(".t{mask:linear-gradient(#000,#000) no-repeat;mask-size:1px 1px}"),
    "webkit mask": css(".t{-webkit-mask-image:-webkit-gradient(linear,0 0,0 100%,from(transparent),to(transparent))}"),
    "clip": css(".t{position:absolute;clip:rect(0,0,0,0)}"),
    "clip-path inset": css(".t{clip-path:inset(50%)}"),
    "clip-path circle": css(".t{clip-path:circle(0)}"),
    "clip-path polygon": css(".t{clip-path:polygon(0 0,0 0,0 0)}"),
    "clip-path somewhere else": css(".t{clip-path:polygon(-90px -90px,-80px -90px,-80px -80px)}"),
    "clip-path by an svg": page(
        f"<svg width=0 height=0><clipPath id=c><rect width=1 height=1 /></clipPath></svg><div style='clip-path:url(#c)'>{P}</div>"
    ),
    "blend away": css(".o{background:#fff}.t{mix-blend-mode:screen}", f"<div class=o>{P}</div>"),
    "blend on white": css(".o{background:#fff;isolation:isolate}.t{mix-blend-mode:lighten}", f"<div class=o>{P}</div>"),
    "blend by difference": css("body{background:#fff}.t{color:#000;mix-blend-mode:difference}"),
    # The colour
    "transparent": css(".t{color:transparent}"),
    "alpha": css(".t{color:#00000005}"),
    "white on white": css("body{background:#fff}.t{color:#fff}"),
    "near white": css(".t{color:#f7f7f7}"),
    "a light grey": css(".t{color:#e8e8e8}"),
    "black on black": css("body{background:#000;color:#eee}.t{color:#050505}"),
    "fill colour": css(".t{-webkit-text-fill-color:transparent}"),
    "fill white": css(".t{-webkit-text-fill-color:#fff}"),
    "by currentcolor": css(".t{color:#fff;background:currentcolor}"),
    "by color-mix": css(".t{color:color-mix(in srgb,white,white)}"),
    "by light-dark": css(".t{color-scheme:light;color:light-dark(white,black)}"),
    "by oklch": css(".t{color:oklch(1 0 0)}"),
    "by the canvas": css(".t{color:Canvas}"),
    "on a gradient of its colour": css(".t{color:#123456;background:linear-gradient(#123456,#123456)}"),
    "on a picture of its colour": css(
        ".t{color:#123456;background:url(\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='9' "
        "height='9'><rect width='9' height='9' fill='%23123456'/></svg>\")}"
    ),
    "first-line": css(".t{color:#fff}.t::first-line{color:#fff}"),
    "in an svg without fill": page(f"<svg width=600 height=60><text y=20 fill=none>{TEXT}</text></svg>"),
    "in an svg of white": page(f"<svg width=3000 height=60><text y=20 fill=white>{TEXT}</text></svg>"),
    "ink of a background that goes with the fill": css(
        ".t{-webkit-text-fill-color:transparent;background:repeating-linear-gradient(90deg,currentcolor 0 2px,#fff 2px 6px)}"
    ),
    "ink of a shadow far away": css(".t{-webkit-text-fill-color:transparent;text-shadow:0 0 30px #000}"),
    "a background clipped to letters that are nothing": css(
        ".t{color:transparent;background:linear-gradient(#fff,#fff);background-clip:text}"
    ),
    "lines in place of letters": css(
        ".t{-webkit-text-fill-color:transparent;text-decoration:line-through 12px wavy #333}"
    ),
    "struck out with its own colour": css(".t{color:#333;text-decoration:line-through 1.4em #333}"),
    "marks in place of letters": css(".t{-webkit-text-fill-color:transparent;text-emphasis:'x' #333}"),
    # The place
    "left": css(".t{position:absolute;left:-9999px}"),
    "right": css(".t{position:absolute;left:9999px;width:600px}"),
    "above": css(".t{position:absolute;top:-9999px}"),
    "far below": css(".t{position:absolute;top:60000px}"),
    "below a margin": css(".t{margin-top:40000px}"),
    "fixed below the window": css(".t{position:fixed;top:110vh}"),
    "indent": css(".t{text-indent:-9999px;white-space:nowrap;overflow:hidden}"),
    "margin": css(".t{margin-left:-9999px;width:600px}"),
    "translate": css(".t{transform:translateX(-9999px)}"),
    "translate property": css(".t{translate:0 -9999px}"),
    "in 3d": css(".t{transform:perspective(100px) translateZ(-99999px)}"),
    "edge on": css(".t{transform:rotateY(90deg)}"),
    "turned away": css(".t{transform:rotateY(180deg);backface-visibility:hidden}"),
    "motion path": css(".t{offset-path:path('M-9999,-9999 L-9998,-9999')}"),
    "in a page that does not scroll": css("html,body{height:100%;overflow:hidden}.t{margin-top:200vh}"),
    "an anchor in a hidden box": css(
        ".o{height:30px;overflow:hidden}.s{height:300px}",
        f"<div class=o><p>Tin khác ở đây.</p><div class=s></div>{P}</div>",
    ),
    "beyond a clip": css(".o{height:20px;overflow:clip}.s{height:30px}", f"<div class=o><div class=s></div>{P}</div>"),
    "scrolled away inside": css(
        ".o{width:300px;height:40px;overflow:hidden;position:relative}.t{position:absolute;top:-400px}",
        f"<div class=o>{P}</div>",
    ),
    # The size
    "size 0": css(".t{font-size:0}"),
    "size 1": css(".t{font-size:1px}"),
    "size 3": css(".t{font-size:3px}"),
    "scale": css(".t{transform:scale(.01)}"),
    "scale property": css(".t{scale:0}"),
    "scale flat": css(".t{transform:scaleY(.05)}"),
    "scale narrow": css(".t{transform:scaleX(.02)}"),
    "zoom": css(".t{zoom:.1}"),
    "a box of 0": css(".t{width:0;height:0;overflow:hidden}"),
    "a box of 6": css(".t{width:6px;height:6px;overflow:hidden}"),
    "a box of 6 high": css(".t{height:6px;overflow:hidden}"),
    "a box of 3 high with its line": css(".t{height:3px;line-height:3px;overflow:hidden}"),
    "a box by calc": css(".t{height:calc(1px - 1px);overflow:hidden;margin:0}"),
    "max-height": css(".t{max-height:0;overflow:hidden}"),
    "max-height by min": css(".t{max-height:min(0px,10em);overflow:hidden}"),
    "a row of a grid of 0": css(
        ".o{display:grid;grid-template-rows:0fr}.o>div{overflow:hidden;min-height:0}",
        f"<div class=o><div>{P}</div></div>",
    ),
    "a flex item of 0": css(".o{display:flex;width:0;overflow:hidden}", f"<div class=o>{P}</div>"),
    "line-height 0": css(".t{line-height:0;overflow:hidden;padding:0;margin:0}"),
    "contain size": css(".t{contain:strict;height:0}"),
    "aspect ratio": css(".t{aspect-ratio:100000;overflow:hidden;width:300px}"),
    "inside an svg of 0": page(f"<svg width=1 height=1><foreignObject width=1 height=1>{P}</foreignObject></svg>"),
    "letters one upon another": css(".t{letter-spacing:-1em}"),
    "in a frame of 1": page(f"<iframe width=1 height=1 srcdoc='{P}'></iframe>"),
    "in a frame that is hidden": page(f"<iframe style='opacity:0' width=600 height=300 srcdoc='{P}'></iframe>"),
    "in a frame that hides": page(f"<iframe width=600 height=300 srcdoc='<p style=color:#fff>{TEXT}</p>'></iframe>"),
    # Covered
    "under a white box": css(
        ".o{position:relative}.o::after{content:'';position:absolute;inset:0;background:#fff}",
        f"<div class=o>{P}</div>",
    ),
    "under a picture": css(
        ".o{position:relative}.o svg{position:absolute;inset:0;width:100%;height:100%}",
        f"<div class=o>{P}<svg><rect width=9999 height=9999 fill=white /></svg></div>",
    ),
    "under the next paragraph": css(
        ".t{margin:0;height:0}.u{position:relative;background:#fff;margin:0;height:300px}", f"{P}<p class=u>{OTHER}</p>"
    ),
    "behind the page": css(
        "body{background:#fff;position:relative;z-index:0}.t{position:relative;z-index:-1}.u{background:#fff;position:absolute;inset:0;z-index:-1}",
        f"{P}<div class=u></div>",
    ),
    "under an inset shadow": css(
        ".t{position:relative}.t::before{content:'';position:absolute;inset:0;box-shadow:inset 0 0 0 999px #fff}"
    ),
    "under a wide border": css(
        ".t{position:relative;overflow:hidden}.t::before{content:'';position:absolute;inset:-300px;border:700px solid #fff}"
    ),
    "under an outline": css(
        ".t{overflow:hidden;position:relative}.t::after{content:'';position:absolute;left:50%;top:50%;outline:900px solid #fff}"
    ),
    "under another text": css(
        ".o{position:relative}.t{position:absolute;inset:0;margin:0;color:transparent}.u{margin:0}",
        f"<div class=o><p class=u>{OTHER}</p>{P}</div>",
    ),
    "between the lines of another text": css(
        ".o{position:relative;line-height:36px}.t{position:absolute;top:18px;left:0;margin:0;opacity:0}.u{margin:0}",
        f"<div class=o><p class=u>{OTHER}</p>{P}</div>",
    ),
    "under twelve texts": css(
        ".o{position:relative;height:9em}.o p{position:absolute;inset:0;margin:0;color:#0000}.o p:last-child{color:#333}",
        "<div class=o>" + P * 12 + f"<p>{OTHER}</p></div>",
    ),
    "each word above a picture that moves": css(
        f".t{{color:transparent}}.t span{{background:url({_FLICKER});background-size:7px 9px}}",
        f"<p class=t>{WORDS}</p>",
    ),
    "above a drawing that moves": css(
        ".t{color:transparent;background:url(\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='6' height='18'>"
        "<rect width='2' height='9' y='5'><animate attributeName='fill' values='black;white' calcMode='discrete' dur='.12s' "
        "repeatCount='indefinite'/></rect></svg>\")}",
    ),
    "above a picture that moves": css(
        f".t{{color:transparent;background:url({_FLICKER});background-size:7px 9px}}",
    ),
    # Painted, not read
    "as dots": css(".t{-webkit-text-security:disc}"),
    "upside down": css(".t{transform:scaleY(-1)}"),
    "mirrored": css(".t{transform:scaleX(-1)}"),
    "turned round": css(".t{rotate:180deg}"),
    "backwards": css(".t{direction:rtl;unicode-bidi:bidi-override}"),
    "words backwards": css(
        ".t span{direction:rtl;unicode-bidi:bidi-override;display:inline-block}", f"<p class=t>{WORDS}</p>"
    ),
    "words from right to left": css(".t{display:flex;flex-flow:row-reverse wrap;gap:4px}", f"<p class=t>{WORDS}</p>"),
    "letters from right to left": css(".t{overflow:hidden}.t i{float:right}", f"<p class=t>{LETTERS}</p>"),
    "under a text of the same clipped background": css(
        ".o{position:relative;background:linear-gradient(#000,#000);background-clip:text;color:transparent}.t{position:absolute;inset:0;margin:0;visibility:hidden}.u{margin:0}",
        f"<div class=o><p class=u>{OTHER}</p>{P}</div>",
    ),
    "lines that no sheet takes away": page(
        f"<p class=t style='-webkit-text-fill-color:transparent;text-decoration:underline wavy 3px #000 !important'>{TEXT}</p>"
    ),
    "lines of a first layer": css(
        "@layer a{.t{text-decoration:underline wavy 3px #000 !important}} .t{-webkit-text-fill-color:transparent}"
    ),
    "marks that no sheet takes away": page(
        f"<p class=t style='-webkit-text-fill-color:transparent;text-emphasis:\"x\" #000 !important'>{TEXT}</p>"
    ),
    "stripes under each word": css(
        ".t{color:transparent}.t span{background:repeating-linear-gradient(90deg,#000 0 2px,#fff 2px 6px)}",
        f"<p class=t>{WORDS}</p>",
    ),
    # By a state that the page is not in
    "by :hover of itself": css(".t:not(:hover){opacity:0}"),
    "until it is hovered": css(".t{color:transparent}.t:hover{color:#000}"),
    "until it is the target": css(".t:not(:target){display:none}"),
    "until it is focused": css(".o:not(:focus-within) .t{position:absolute;left:-9999px}", f"<div class=o>{P}</div>"),
    "for a browser without scripts alone": css(".t{opacity:0}@media (scripting:none){.t{opacity:1}}"),
    "by a sheet for a browser without scripts": page(
        f"<noscript><style>.t{{opacity:1!important}}</style></noscript><style>.t{{opacity:0}}</style>{P}"
    ),
    "for less motion alone": css("@media (prefers-reduced-motion:no-preference){.t{opacity:0}}"),
    "for a finger or a mouse": css("@media (hover:hover),(pointer:coarse){.t{opacity:0}}"),
    "in print alone": css("@media screen{.t{display:none}}"),
    "for high contrast alone": css(".t{display:none}@media (forced-colors:active){.t{display:block}}"),
    "for a small window alone": css(".t{display:none}@media (max-width:200px){.t{display:block}}"),
}

ATTACKS: Final[dict[str, str]] = {
    "asks for the automation mark": js("if(!navigator.webdriver) document.querySelector('.t').remove()"),
    "asks the agent": js("if(!/Headless|bot|LanToa/i.test(navigator.userAgent)) document.querySelector('.t').remove()"),
    "asks the brands": js(
        "const b=navigator.userAgentData; if(!b||!b.brands.some(x=>/Headless/.test(x.brand))) document.querySelector('.t').remove()"
    ),
    "asks for languages, plugins and chrome": js(
        "if(navigator.languages.length&&(navigator.plugins.length||/Mobile/.test(navigator.userAgent))&&window.chrome&&outerWidth&&navigator.languages[0]==='vi-VN') document.querySelector('.t').remove()"
    ),
    "asks whether the window is in focus": js(
        "if(document.hasFocus()&&document.visibilityState==='visible') document.querySelector('.t').style.opacity=0"
    ),
    "asks for marks of drivers": js(
        "const k=Object.getOwnPropertyNames(window).concat(Object.getOwnPropertyNames(document)).filter(x=>/playwright|puppeteer|cdc_|selenium|__pw|webdriver_/i.test(x)); if(!k.length) document.querySelector('.t').remove()"
    ),
    "asks the stack of errors": js(
        "const old=Document.prototype.createRange; let t=document.querySelector('.t'); t.style.opacity=0; Document.prototype.createRange=function(){t.style.opacity=1;return old.call(this)}"
    ),
    "answers with another style": js(
        "const real=getComputedStyle; window.getComputedStyle=(e,p)=>new Proxy(real(e,p),{get:(o,k)=>k==='opacity'?'1':k==='display'?'block':k==='visibility'?'visible':o[k]}); Element.prototype.checkVisibility=()=>true;",
        P,
        "<style>.t{opacity:0}</style>",
    ),
    "answers with other boxes": js(
        "const box=new DOMRect(10,10,500,200); Element.prototype.getBoundingClientRect=()=>box; Range.prototype.getBoundingClientRect=()=>box; Range.prototype.getClientRects=()=>[box]; Element.prototype.getClientRects=()=>[box]; document.elementFromPoint=()=>document.querySelector('.t')",
        P,
        "<style>.t{position:absolute;left:-9999px}</style>",
    ),
    "answers to every question": js(
        "document.createTreeWalker=()=>null; Document.prototype.querySelectorAll=()=>[]; Node.prototype.appendChild=null; Array.prototype.push=()=>0; Map.prototype.get=()=>({readable:true}); Object.prototype.seen=1; JSON.stringify=()=>'{}'; Date.now=()=>0; performance.now=()=>0; Math.max=()=>0; CSS.highlights.set=null;",
        P,
        "<style>.t{clip-path:inset(50%)}</style>",
    ),
    "watches what is set on it": js(
        "new MutationObserver(()=>{document.querySelector('.t').style.color='#000'}).observe(document,{subtree:true,attributes:true,characterData:true}); setInterval(()=>{if(document.adoptedStyleSheets.length||CSS.highlights.size) document.querySelector('.t').style.color='#000'},1)",
        P,
        "<style>.t{color:#fff}</style>",
    ),
    "watches every frame": js(
        "(function f(){ if(document.adoptedStyleSheets.length||CSS.highlights.size||scrollY>0&&0) document.querySelector('.t').style.opacity=1; requestAnimationFrame(f)})()",
        P,
        "<style>.t{opacity:0}</style>",
    ),
    "watches from a worker": js(
        "const w=new Worker(URL.createObjectURL(new Blob(['setInterval(()=>postMessage(1),1)']))); w.onmessage=()=>{ if(document.adoptedStyleSheets.length||CSS.highlights.size) document.querySelector('.t').style.opacity=1 }",
        P,
        "<style>.t{opacity:0}</style>",
    ),
    "answers to attributes by its sheet": css(
        ".t{color:#fff} [style] .t, .t[style], .t:not([class='t']), html:not([lang]) .t{color:#000}",
    ),
    "flees after it was loaded": js("setTimeout(()=>document.querySelector('.t').remove(),900)"),
    "flees when it is visible": js(
        "new IntersectionObserver(e=>{if(e[0].isIntersecting)e[0].target.style.opacity=0}).observe(document.querySelector('.t'))"
    ),
    "flees when it is scrolled": js(
        "addEventListener('scroll',()=>{document.querySelector('.t').style.opacity=0})",
        P + "<div style='height:3000px'></div>",
    ),
    "comes when the window is resized": js(
        "addEventListener('resize',()=>{document.querySelector('.t').style.opacity=1})",
        P,
        "<style>.t{opacity:0}</style>",
    ),
    "comes when it is left": js(
        "document.addEventListener('visibilitychange',()=>{document.querySelector('.t').style.opacity=1});addEventListener('blur',()=>{document.querySelector('.t').style.opacity=1})",
        P,
        "<style>.t{opacity:0}</style>",
    ),
    "comes before printing": js(
        "addEventListener('beforeprint',()=>{document.querySelector('.t').style.opacity=1}); matchMedia('print').addEventListener('change',()=>{document.querySelector('.t').style.opacity=1})",
        P,
        "<style>.t{opacity:0}</style>",
    ),
    "comes for one frame in hundred": js(
        "let n=0;(function f(){document.querySelector('.t').style.opacity=(n++%100===99)?1:0;requestAnimationFrame(f)})()"
    ),
    "comes after a click that nobody finds": js(
        "document.getElementById('b').onclick=()=>{document.querySelector('.t').style.display='block'}",
        f"<button id=b style='opacity:0;border:0' aria-controls=c>Đọc tiếp</button><div id=c>{P}</div>",
        "<style>.t{display:none}</style>",
    ),
    "comes after a click on a point": js(
        "document.getElementById('b').onclick=()=>{document.querySelector('.t').style.display='block'}",
        f"<button id=b style='width:1px;height:1px;padding:0;border:0;font-size:1px' aria-expanded=false aria-controls=c>Xem thêm</button><div id=c>{P}</div>",
        "<style>.t{display:none}</style>",
    ),
    "comes after a click on what does not say so": js(
        "document.getElementById('b').onclick=()=>{document.querySelector('.t').style.display='block'}",
        f"<button id=b>Thời tiết</button>{P}",
        "<style>.t{display:none}</style>",
    ),
    "comes to a pointer that moves": js(
        "document.addEventListener('mousemove',e=>{if(e.movementX===0&&e.isTrusted===false)document.querySelector('.t').style.display='block'})",
        P,
        "<style>.t{display:none}</style>",
    ),
    "in a closed root that hides": js(
        f"document.getElementById('h').attachShadow({{mode:'closed'}}).innerHTML='<p style=\"opacity:0\">{TEXT}</p>'",
        "<div id=h></div>",
    ),
    "overrides its closed roots": js(
        f"Object.defineProperty(ShadowRoot.prototype,'host',{{get:()=>document.body}}); document.getElementById('h').attachShadow({{mode:'closed'}}).innerHTML='<p style=\"color:#fff\">{TEXT}</p>'",
        "<div id=h></div>",
    ),
    "stripes painted by a worker": js(
        "const c=document.querySelector('canvas').transferControlToOffscreen(); const w=new Worker(URL.createObjectURL(new Blob([`onmessage=e=>{const c=e.data,x=c.getContext('2d');let n=0;setInterval(()=>{n++;x.fillStyle='#fff';x.fillRect(0,0,900,300);if(Math.random()<.5){x.fillStyle='#000';for(let i=0;i<900;i+=6)x.fillRect(i,0,2,300)}},17)}`]))); w.postMessage(c,[c])",
        f"<div style='position:relative'><canvas width=900 height=300></canvas><p class=t style='position:absolute;inset:0;color:transparent'>{TEXT}</p></div>",
    ),
}

_SLIDES = "".join(f"<section>{part}</section>" for part in (P, f"<p>{OTHER}</p>", f"<p>{OTHER}</p>"))
HONEST: Final[dict[str, str]] = {
    "plain": page(P),
    "justified and hyphenated": css(".t{text-align:justify;hyphens:auto;max-width:340px}"),
    "grey on white": css(".t{color:#767676;font-size:13px}"),
    "light grey": css(".t{color:#aaa;font-size:15px;font-weight:300}"),
    "dark theme": css("body{background:#121212;color:#c9c9c9}.t{color:#9a9a9a}"),
    "on a gradient": css(".t{background:linear-gradient(90deg,#036,#609);color:#fff;padding:20px}"),
    "on a picture": css(
        ".t{padding:20px;color:#fff;text-shadow:0 1px 2px #000;background:url(\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' "
        "width='90' height='90'><rect width='90' height='90' fill='%23345'/><circle cx='40' cy='40' r='30' fill='%23567'/></svg>\")}"
    ),
    "letters of a gradient": css(
        ".t{background:linear-gradient(90deg,#036,#906);-webkit-background-clip:text;color:transparent;font-size:22px}"
    ),
    "serif, tight lines": css(".t{font:15px/1.05 'Times New Roman',serif}"),
    "underlined whatever a sheet says": page(f"<p style='text-decoration:underline !important'>{TEXT}</p>"),
    "wide letters in capitals": css(".t{letter-spacing:.12em;text-transform:uppercase;font-size:13px}"),
    "large and bold": css(".t{font:800 42px/1.2 sans-serif}"),
    "small print": css(".t{font-size:10.5px}"),
    "highlighted and underlined": page(f"<p class=t><mark><u>{TEXT}</u></mark></p>"),
    "words of their own": page(f"<p class=t>{WORDS}</p>"),
    "a first letter": css(".t::first-letter{font-size:3em;float:left}"),
    "a sticky header": css(
        "header{position:sticky;top:0;background:#fff;height:90px;z-index:9}",
        f"<header>Báo</header>{f'<p>{OTHER}</p>' * 12}{P}{f'<p>{OTHER}</p>' * 12}",
    ),
    "fixed bars above and below": css(
        ".a{position:fixed;top:0;left:0;right:0;height:70px;background:#036;color:#fff}.b{position:fixed;bottom:0;left:0;right:0;height:90px;background:#eee}",
        f"<div class=a>Báo</div><div class=b>Tải ứng dụng</div>{f'<p>{OTHER}</p>' * 9}{P}{f'<p>{OTHER}</p>' * 9}",
    ),
    "a table": page(
        "<table border=1>"
        + "".join(f"<tr><td>{n}</td><td>{s}.</td></tr>" for n, s in enumerate(TEXT.split(". "), 1))
        + "</table>"
    ),
    "columns": css("@media (min-width:600px){.t{columns:2}}"),
    "a box that scrolls": css(".o{height:60px;overflow:auto}", f"<div class=o><p>{OTHER}</p><p>{OTHER}</p>{P}</div>"),
    "an app that scrolls inside": css(
        "html,body{height:100%;margin:0;overflow:hidden}main{height:60vh;overflow-y:auto}",
        f"<main>{f'<p>{OTHER}</p>' * 20}{P}</main>",
    ),
    "a carousel that scrolls": css(
        ".o{display:flex;overflow-x:auto;scroll-snap-type:x mandatory}.o section{flex:0 0 100%;scroll-snap-align:start}",
        f"<div class=o><section><p>{OTHER}</p></section>{_SLIDES}</div>",
    ),
    "lazy pictures": page(
        "".join(f"<img loading=lazy src='/anh{n}.png' width=600 height=400 alt=''>" for n in range(9)) + P
    ),
    "uncovered while scrolling": js(
        "const o=new IntersectionObserver(l=>l.forEach(e=>{if(e.isIntersecting)e.target.classList.add('in')}));document.querySelectorAll('.r').forEach(e=>o.observe(e))",
        f"{f'<p>{OTHER}</p>' * 25}<div class=r>{P}</div>",
        "<style>.r{opacity:0;transform:translateY(40px);transition:all .6s}.in{opacity:1;transform:none}</style>",
    ),
    "covered again when scrolled past": js(
        "const o=new IntersectionObserver(l=>l.forEach(e=>e.target.classList.toggle('in',e.isIntersecting)));document.querySelectorAll('.r').forEach(e=>o.observe(e))",
        f"{f'<p>{OTHER}</p>' * 40}<div class=r>{P}</div>",
        "<style>.r{opacity:0;transition:all .3s}.in{opacity:1}</style>",
    ),
    "an animation at first": css(
        "@keyframes a{from{opacity:0;transform:translateX(-40px)}} .t{animation:a 1s .5s both}"
    ),
    "details": page(f"<details><summary>Nội dung thông báo</summary>{P}</details>"),
    "an accordion": js(
        "document.querySelector('button').onclick=e=>{const c=document.getElementById('c');c.hidden=!c.hidden;e.target.setAttribute('aria-expanded',!c.hidden)}",
        f"<h2><button aria-expanded=false aria-controls=c>Lịch tiêm</button></h2><div id=c hidden>{P}</div>",
    ),
    "bootstrap's collapse": js(
        "document.querySelector('[data-bs-target]').addEventListener('click',()=>document.getElementById('c').classList.toggle('show'))",
        f"<a href='#c' role=button data-bs-target='#c'>Xem nội dung</a><div id=c class=collapse>{P}</div>",
        "<style>.collapse:not(.show){display:none}</style>",
    ),
    "tabs": js(
        "document.querySelectorAll('[role=tab]').forEach(t=>t.onclick=()=>document.querySelectorAll('[role=tabpanel]').forEach(p=>p.hidden=p.id!==t.getAttribute('aria-controls')))",
        f"<div role=tablist><button role=tab aria-controls=a>Tin</button><button role=tab aria-controls=b>Lịch</button></div><div id=a role=tabpanel><p>{OTHER}</p></div><div id=b role=tabpanel hidden>{P}</div>",
    ),
    "a checkbox that opens": css(
        "#x{position:absolute;opacity:0}.c{max-height:0;overflow:hidden}#x:checked~.c{max-height:999px}",
        f"<div><input type=checkbox id=x><label for=x>Bấm để mở</label><div class=c>{P}</div></div>",
    ),
    "đọc tiếp": js(
        "document.querySelector('#m').onclick=e=>{document.querySelector('.o').style.maxHeight='none';e.target.remove()}",
        f"<div class=o>{P}</div><button id=m>Đọc tiếp</button>",
        "<style>.o{max-height:24px;overflow:hidden}</style>",
    ),
    "xem thêm, as a link and by a fade": js(
        "document.querySelector('#m').onclick=e=>{document.querySelector('.o').classList.add('all')}",
        f"<div class=o>{P}<div class=f></div></div><a id=m href='javascript:void(0)'>Xem thêm</a>",
        "<style>.o{max-height:40px;overflow:hidden;position:relative}.f{position:absolute;inset:0;background:linear-gradient(transparent,#fff)}.all{max-height:none}.all .f{display:none}</style>",
    ),
    "a cookie wall": js(
        "document.querySelector('#ok').onclick=()=>{document.querySelector('#w').remove();document.body.style.overflow=''};document.body.style.overflow='hidden'",
        f"{P}<div id=w><div><p>Trang dùng cookie để phục vụ bạn tốt hơn.</p><button>Tùy chọn</button><button id=ok>Đồng ý</button></div></div>",
        "<style>#w{position:fixed;inset:0;background:#fffe;display:flex;align-items:center;justify-content:center;z-index:99}</style>",
    ),
    "a box over the page with a cross": js(
        "document.querySelector('#x').onclick=()=>document.querySelector('#w').remove()",
        f"{P}<div id=w><span id=x role=button aria-label='Đóng'>×</span><h2>Nhận tin mới</h2><p>Để lại thư điện tử của bạn.</p></div>",
        "<style>#w{position:fixed;inset:0;background:#fff;z-index:99}#x{font-size:30px;position:absolute;right:20px;top:10px}</style>",
    ),
    "a cookie bar": page(
        f"{P}<div style='position:fixed;bottom:0;left:0;right:0;background:#222;color:#fff;padding:16px'>Trang dùng cookie. <button>Đồng ý</button></div>"
    ),
    "in a frame": page(f"<iframe width=100% height=400 srcdoc='{P}'></iframe>"),
    "in a frame that scrolls": page(
        f"<iframe width=100% height=150 srcdoc='<p>{OTHER}</p><p>{OTHER}</p><p>{OTHER}</p>{P}'></iframe>"
    ),
    "in a frame of nobody": page(f"<iframe sandbox width=100% height=400 srcdoc='{P}'></iframe>"),
    "in a shadow root": page(f"<div><template shadowrootmode=open><style>p{{color:#333}}</style>{P}</template></div>"),
    "in a closed shadow root": js(
        f"document.getElementById('h').attachShadow({{mode:'closed'}}).innerHTML='<p>{TEXT}</p>'", "<div id=h></div>"
    ),
    "in a slot": page(f"<div><template shadowrootmode=open><div><slot></slot></div></template>{P}</div>"),
    "written by a script": js(
        f"setTimeout(()=>{{document.getElementById('r').innerHTML='<p>{TEXT}</p>'}},700)", "<div id=r></div>"
    ),
    "beside a film and a moving picture": page(
        f"<img src='{_FLICKER}' width=300 height=200><canvas></canvas><script>const x=document.querySelector('canvas').getContext('2d');(function f(){{x.fillStyle='hsl('+(performance.now()%360)+',90%,50%)';x.fillRect(0,0,300,150);requestAnimationFrame(f)}})()</script>{P}"
    ),
    "an amp page": css(
        "body{-webkit-animation:-amp-start 8s steps(1,end) 0s 1 normal both;animation:-amp-start 8s steps(1,end) 0s 1 normal both}@keyframes -amp-start{from{visibility:hidden}to{visibility:visible}}"
    ),
    "a theme of wordpress": css(
        "*{box-sizing:border-box}.w{display:grid;grid-template-columns:minmax(0,1fr)}.entry-content>*{max-width:640px;margin:1.2em auto;line-height:1.7;color:#28303d;font-size:18px;font-family:system-ui}.screen-reader-text{clip:rect(1px,1px,1px,1px);position:absolute!important;height:1px;width:1px;overflow:hidden}",
        f"<a class=screen-reader-text href='#c'>Chuyển đến nội dung</a><div class=w><article class=entry-content id=c>{P}</article></div>",
    ),
    "numbers in a list": page("<ol>" + "".join(f"<li>{part}.</li>" for part in TEXT.split(". ")) + "</ol>"),
    "pre": css(".t{white-space:pre-wrap;font-family:monospace}"),
    "a card with a shadow, rounded and turned a little": css(
        ".t{transform:rotate(-1deg);border-radius:12px;box-shadow:0 2px 9px #0003;padding:18px;background:#fffdf4}"
    ),
}
