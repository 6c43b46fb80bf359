// The keys of the viewer: each link that names one is followed by it.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key === "=" ? "+" : event.key;
  const link = [...document.querySelectorAll("a[data-key]")].find((each) => each.dataset.key === key);
  if (!link) return;
  event.preventDefault();
  location.replace(link.href);
});
