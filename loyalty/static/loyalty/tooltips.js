// Tooltips are shown by the style sheet on hover and focus. Escape puts one away without moving the focus (WCAG 1.4.13).
(function () {
    "use strict";

    document.addEventListener("keydown", function (event) {
        if (event.key === "Escape") {
            document.querySelectorAll(".tip").forEach((tip) => tip.classList.add("tip-away"));
        }
    });
    ["focusin", "pointerover"].forEach(function (name) {
        document.addEventListener(name, function (event) {
            const tip = event.target instanceof Element ? event.target.closest(".tip") : null;
            if (tip) {
                tip.classList.remove("tip-away");
            }
        });
    });
})();
