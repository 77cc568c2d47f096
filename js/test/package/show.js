// The result of a page, where its test looks for it.

export async function show(work) {
  let text;
  try {
    text = JSON.stringify(await work());
  } catch (error) {
    text = `${error.stack ?? error}`;
  }
  document.body.append(Object.assign(document.createElement("output"), { textContent: text }));
}
