/* Gives the reader a file to keep. */

export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  /* The browser needs the address until it has begun. */
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
