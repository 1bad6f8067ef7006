// SPDX-License-Identifier: Apache-2.0
// The page of attunet-serve: one image with its mask.  It asks for nothing from elsewhere.
'use strict';

const $ = id => document.getElementById(id);
const colours = [[230, 60, 60], [60, 140, 255], [60, 190, 90], [240, 180, 40], [190, 90, 220],
  [40, 200, 210], [240, 120, 40], [160, 160, 160]];
const colour = k => colours[k % colours.length];
const models = {};
let viewer, file, answer, labels = [], hidden = new Set(), stopping;

function say(text) { $('says').textContent = text; }

async function list() {
  const all = await (await fetch('/v2/repository/index', {method: 'POST', body: '{}'})).json();
  for (const name of new Set(all.map(m => m.name))) {
    models[name] = await (await fetch('/v2/models/' + name)).json();
    $('model').add(new Option(name));
  }
}

// The voxel of the file at a place in mm; the viewer turns its own copy to other axes.
function voxel(affine, mm) {
  const [a, b, c] = [0, 1, 2].map(k => affine.slice(0, 3).map(row => row[k]));
  const d = mm.slice(0, 3).map((x, k) => x - affine[k][3]);
  const cross = (u, v) => [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2],
    u[0] * v[1] - u[1] * v[0]];
  const dot = (u, v) => u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
  const whole = dot(a, cross(b, c));
  return [dot(d, cross(b, c)), dot(a, cross(d, c)), dot(a, cross(b, d))]
    .map(x => Math.round(x / whole) || 0);
}

function probe(place) {
  const values = place.values.map(v => Number(v.value.toPrecision(6)));
  const image = viewer.volumes[0];
  if (!image) return;
  const at = voxel(image.hdr.affine, [...place.mm]).join(', ');
  const label = labels.find(l => l.value === values[1]);
  $('probe').textContent = `voxel ${at}: ${values[0]}` + (label ? `, ${label.name}` : '');
}

// A colour for each class; hidden ones and the background have none.
function paint() {
  const mask = viewer.volumes[1];
  if (!mask) return;
  const map = {R: [], G: [], B: [], A: [], I: [], labels: []};
  for (const [k, l] of labels.entries()) {
    const [r, g, b] = colour(k - 1 < 0 ? 0 : k - 1);
    map.R.push(r); map.G.push(g); map.B.push(b);
    map.A.push(l.value === 0 || hidden.has(l.value) ? 0 : 255);
    map.I.push(l.value); map.labels.push(l.name);
  }
  mask.setColormapLabel(map);
  viewer.updateGLVolume();
}

// Volumes in ml where the image has a size in mm.
function count() {
  const mask = viewer.volumes[1], voxels = new Map(), box = $('classes');
  for (const v of mask.img) voxels.set(v, (voxels.get(v) || 0) + 1);
  const mm = mask.hdr.pixDims.slice(1, 4).reduce((a, b) => a * b, 1);
  const volume = mask.hdr.dims[3] > 1;
  box.querySelectorAll('label').forEach(l => l.remove());
  labels.forEach((l, k) => {
    if (l.value === 0) return;
    const row = document.createElement('label'), tick = document.createElement('input');
    const swatch = document.createElement('span'), n = voxels.get(l.value) || 0;
    tick.type = 'checkbox';
    tick.checked = true;
    tick.onchange = () => { hidden[tick.checked ? 'delete' : 'add'](l.value); paint(); };
    swatch.className = 'swatch';
    swatch.style.background = `rgb(${colour(k - 1)})`;
    row.append(tick, ' ', swatch, ` ${l.name}: ` +
      (volume ? `${(n * mm / 1000).toPrecision(4)} ml` : `${n} pixels`));
    box.append(row);
  });
}

async function watch(id, ends) {
  const bar = $('progress');
  while (!ends.done) {
    await new Promise(r => setTimeout(r, 250));
    const state = await fetch('/progress/' + id).catch(() => null);
    if (!state || !state.ok || ends.done) continue;
    const p = await state.json();
    if (p.total > 0) { bar.max = p.total; bar.value = p.done; }
    say(p.state === 'waits' ? 'Waiting for other predictions.' : 'Predicting.');
  }
}

// The mask, with the ending of its file; of the image's own if none is given.
async function ask(ending) {
  const id = crypto.randomUUID(), ends = {done: false};
  stopping = new AbortController();
  const query = `?job=${id}` + (ending ? `&ending=${ending}` : '');
  watch(id, ends);
  try {
    const got = await fetch(`/predict/${$('model').value}${query}`,
      {method: 'POST', body: file, signal: stopping.signal});
    if (!got.ok) throw new Error((await got.json()).error);
    const doubts = got.headers.get('Attunet-Doubts');
    const name = /filename="mask([^"]*)"/.exec(got.headers.get('Content-Disposition'))[1];
    return {bytes: await got.arrayBuffer(), ending: name, doubts};
  } finally {
    ends.done = true;
  }
}

async function busy(work) {
  for (const id of ['progress', 'stop']) $(id).hidden = false;
  $('progress').removeAttribute('value');
  try {
    await work();
  } catch (error) {
    say(error.name === 'AbortError' ? 'Stopped.' : error.message);
  }
  for (const id of ['progress', 'stop']) $(id).hidden = true;
}

async function show() {
  const volume = /\.(nii|nii\.gz|nrrd|mha|mgz)$/i.test(file.name);
  hidden = new Set();
  labels = models[$('model').value].parameters.labels.classes || [];
  $('save').hidden = true;
  $('probe').textContent = '-';
  while (viewer.volumes.length) viewer.removeVolume(viewer.volumes[0]);
  if (volume) await viewer.loadFromFile(file);
  answer = await ask('.nii');
  if (!volume) await picture(answer.bytes);
  viewer.addVolume(await window.niivue.NVImage.loadFromUrl({url: answer.bytes, name: 'mask.nii',
    opacity: Number($('opacity').value), colormap: 'red'}));
  paint();
  count();
  $('save').hidden = false;
  say(answer.doubts ? `Done, with doubts: ${answer.doubts}.` : 'Done.');
}

// In the image's own format.
async function save() {
  const own = /\.nii$/i.test(file.name) ? answer : await ask('');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([own.bytes]));
  link.download = file.name.replace(/(\.[^.]*)?(\.gz)?$/, '') + '_mask' + own.ending;
  link.click();
  URL.revokeObjectURL(link.href);
  say('Saved.');
}

// A picture as grey values on the grid of its mask, which is NIfTI (352 bytes of header).  Rows of a
// picture go down, so both get a matrix that says so.
async function picture(mask) {
  const bitmap = await createImageBitmap(file);
  const paper = new OffscreenCanvas(bitmap.width, bitmap.height);
  const pen = paper.getContext('2d');
  pen.drawImage(bitmap, 0, 0);
  const rgba = pen.getImageData(0, 0, bitmap.width, bitmap.height).data;
  const rows = [1, 0, 0, 0, 0, -1, 0, bitmap.height - 1, 0, 0, 1, 0];
  const place = new DataView(mask);
  place.setInt16(252, 0, true);
  place.setInt16(254, 1, true);
  rows.forEach((x, k) => place.setFloat32(280 + 4 * k, x, true));
  const bytes = new Uint8Array(352 + rgba.length / 4), head = new DataView(bytes.buffer);
  bytes.set(new Uint8Array(mask, 0, 352));
  head.setInt16(68, 0, true); // no labels
  head.setInt16(70, 2, true); // unsigned bytes
  head.setInt16(72, 8, true);
  for (let i = 0; i < rgba.length / 4; i++)
    bytes[352 + i] = Math.round((rgba[4 * i] + rgba[4 * i + 1] + rgba[4 * i + 2]) / 3);
  viewer.addVolume(await window.niivue.NVImage.loadFromUrl({url: bytes.buffer, name: 'image.nii'}));
}

function take(one) {
  if (!one) return;
  file = one;
  return busy(show);
}

async function start() {
  viewer = new window.niivue.Niivue({dragAndDropEnabled: false, backColor: [0, 0, 0, 1],
    crosshairWidth: 0.3, multiplanarShowRender: 1,
    onLocationChange: probe, logLevel: 'error'});
  await viewer.attachToCanvas($('canvas'));
  $('file').onchange = () => take($('file').files[0]);
  $('save').onclick = () => busy(save);
  $('stop').onclick = () => stopping && stopping.abort();
  $('opacity').oninput = () => viewer.volumes[1] &&
    viewer.setOpacity(1, Number($('opacity').value));
  $('colours').onchange = () => viewer.volumes[0] &&
    viewer.setColormap(viewer.volumes[0].id, $('colours').value);
  $('slices').onchange = () => viewer.setSliceType(Number($('slices').value));
  viewer.setSliceType(3);
  document.ondragover = e => { e.preventDefault(); $('view').classList.add('over'); };
  document.ondragleave = () => $('view').classList.remove('over');
  document.ondrop = e => {
    e.preventDefault();
    $('view').classList.remove('over');
    take(e.dataTransfer.files[0]);
  };
  await list();
  document.body.dataset.ready = 'yes';
}

window.attunet = {take, viewer: () => viewer};
start().catch(error => say(error.message));
