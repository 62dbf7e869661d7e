// A variable takes effect when it is chosen; without this, when Apply is pressed.

const form = document.querySelector("form.variables");
form.classList.add("is-live");
form.addEventListener("change", () => form.requestSubmit());
