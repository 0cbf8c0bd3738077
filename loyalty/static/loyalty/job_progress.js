// Follows a job: asks for its figures every second and writes them into the page, until the job is over.
(function () {
    "use strict";

    function follow(section) {
        const part = (name) => section.querySelector('[data-job="' + name + '"]');

        function say(name, text) {
            const element = part(name);
            if (element && element.textContent !== text) {
                element.textContent = text;
            }
        }

        function show(job) {
            say("state", job.state);
            say("percent", job.percent + " %");
            say("summary", job.summary);
            part("bar").setAttribute("aria-valuenow", job.percent);
            part("bar").querySelector("progress").value = job.percent;
            Object.entries(job.figures).forEach(([name, text]) => say(name, text));
            const errors = part("errors");
            errors.hidden = job.errors.length === 0;
            errors.replaceChildren(...job.errors.map((text) => {
                const line = document.createElement("p");
                line.textContent = text;
                return line;
            }));
        }

        async function ask() {
            try {
                const answer = await fetch(section.dataset.progressUrl, { headers: { Accept: "application/json" } });
                if (answer.ok && !answer.redirected) {
                    const job = await answer.json();
                    show(job);
                    if (job.is_over) {
                        part("refresh").closest("p").remove();
                        return;
                    }
                }
            } catch (error) {
                // The server cannot be reached just now: ask again; the link to refresh stays.
            }
            setTimeout(ask, 1000);
        }

        setTimeout(ask, 1000);
    }

    document.addEventListener("DOMContentLoaded", function () {
        document.querySelectorAll("[data-progress-url]").forEach(follow);
    });
})();
