// SPDX-License-Identifier: Apache-2.0
// The page of attunet-serve: cases with masks, true labels and maps; prediction and correction.  It
// asks for nothing from elsewhere.
'use strict';

const $ = id => document.getElementById(id);
const colours = [[230, 60, 60], [60, 140, 255], [60, 190, 90], [240, 180, 40], [190, 90, 220],
  [40, 200, 210], [240, 120, 40], [160, 160, 160]];
const colour = k => colours[(k + colours.length - 1) % colours.length]; // of a class from 1 on
const MAPS = 16 << 20; // voxels of an image that gets its maps unasked
const models = {};
let viewer, cases = [], keeps = false, stopping;
// What is shown: {id, name, listed, volume, image, truth, maps, from: the version of the label that
// the mask comes from, changed: how often since it was loaded or saved}.  Masks have indices of
// classes, which are values of the file.
let now = null, classes = [], hidden = new Set(), layers = {};

function say(text) { $('says').textContent = text; }

// With the token behind the # of the address.
function send(path, options) {
  const token = location.hash.slice(1);
  return fetch(path, {...options, headers: token ? {Authorization: 'Bearer ' + token} : {}});
}

async function get(path, options) {
  const answer = await send(path, options);
  if (answer.ok) return answer;
  const error = new Error((await answer.json()).error);
  error.status = answer.status;
  throw error;
}

const modelName = () => $('model').value;

// ---- lists

async function listModels() {
  const all = await (await get('/v2/repository/index', {method: 'POST', body: '{}'})).json();
  for (const name of new Set(all.map(m => m.name))) {
    models[name] = await (await get('/v2/models/' + name)).json();
    $('model').add(new Option(name));
  }
  $('models').hidden = $('model').length === 0;
}

// The worst first, then those without a score.
async function listCases() {
  const all = await (await get('/cases')).json();
  keeps = all.keeps;
  cases = all.cases.map((c, id) => ({...c, id}))
    .sort((a, b) => (a.dice ?? 2) - (b.dice ?? 2) || a.id - b.id);
  $('cases').hidden = cases.length === 0;
  $('list').replaceChildren(...cases.map(c => {
    const row = document.createElement('li'), button = document.createElement('button');
    button.textContent = c.name + (c.dice === null ? '' : `: Dice ${c.dice.toFixed(3)}`) +
      (c.label ? ', corrected' : '');
    button.setAttribute('aria-current', Boolean(now && now.listed && now.id === c.id));
    button.onclick = () => openCase(c);
    row.append(button);
    return row;
  }));
  $('list').querySelector('[aria-current=true]')?.scrollIntoView({block: 'nearest'});
}

// ---- the mask: the viewer's drawing

function valueIndex(value) {
  const k = classes.findIndex(c => c.value === value);
  if (k >= 0) return k;
  if (classes.length > 255)
    throw new Error('The page shows at most 255 classes, but the mask has more; ' +
      'use another program.');
  return classes.push({name: nameOf(value), value}) - 1;
}

const nameOf = value => classes.find(c => c.value === value)?.name ?? `label ${value}`;

// Values of the file become indices of classes.
function indices(values) {
  const table = new Map(), to = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (!table.has(v)) table.set(v, valueIndex(v));
    to[i] = table.get(v);
  }
  return to;
}

function maskValues() {
  const to = new Uint16Array(now.volume.voxels), drawn = viewer.drawBitmap;
  eachVoxel(now.image, (file, own) => { to[file] = classes[drawn[own]].value; });
  return to;
}

async function setMask(values, from) {
  const shown = now;
  const image = await window.niivue.NVImage.loadFromUrl(
    {url: onGrid(now.volume, indices(values)), name: 'mask.nii'});
  if (now !== shown) return;
  if (classes.length === 1) valueIndex(1); // to draw with
  viewer.loadDrawing(image);
  now.from = from;
  now.changed = 0;
  paint();
  count();
}

// A colour for each class, lighter towards white; hidden ones and the background have none.
function colourTable(light) {
  const map = {R: [], G: [], B: [], A: [], I: [], labels: []};
  classes.forEach((c, k) => {
    const [r, g, b] = colour(k).map(x => Math.round(x + light * (255 - x)));
    map.R.push(r); map.G.push(g); map.B.push(b);
    map.A.push(k === 0 || hidden.has(c.value) ? 0 : 255);
    map.I.push(k); map.labels.push(c.name);
  });
  return map;
}

function paint() {
  if (!now) return;
  viewer.drawLut = window.niivue.cmapper.makeDrawLut(colourTable(0));
  viewer.setDrawOpacity($('opacity').value);
  if (layers.truth) layers.truth.setColormapLabel(colourTable(0.6));
  viewer.updateGLVolume();
}

// Volumes in ml where the image has a size in mm.
function count() {
  const voxels = new Array(256).fill(0), box = $('classes'), pen = $('pen').value;
  for (const k of viewer.drawBitmap) voxels[k]++;
  const ml = now.volume.sides.reduce((a, b) => a * b, 1) / 1000;
  const solid = now.volume.size[2] > 1;
  box.querySelectorAll('label').forEach(l => l.remove());
  $('pen').replaceChildren();
  classes.forEach((c, k) => {
    if (k === 0) return;
    const row = document.createElement('label'), tick = document.createElement('input');
    const swatch = document.createElement('span');
    tick.type = 'checkbox';
    tick.checked = !hidden.has(c.value);
    tick.onchange = () => { hidden[tick.checked ? 'delete' : 'add'](c.value); paint(); };
    swatch.className = 'swatch';
    swatch.style.background = `rgb(${colour(k)})`;
    row.append(tick, ' ', swatch, ` ${c.name}: ` +
      (solid ? `${(voxels[k] * ml).toPrecision(4)} ml` : `${voxels[k]} pixels`));
    box.append(row);
    $('pen').add(new Option(c.name, k));
  });
  if (pen) $('pen').value = pen;
  tool();
}

// ---- overlays

// The viewer would go on to render the last overlay.
function clearOverlays() {
  if (viewer.volumes.length > 1) return;
  viewer.overlayTexture = viewer.rgbaTex(viewer.overlayTexture, viewer.gl.TEXTURE2, [2, 2, 2, 2],
    true);
  viewer.drawScene();
}

async function layer(kind, file, options) {
  if (layers[kind]) viewer.removeVolume(layers[kind]);
  delete layers[kind];
  clearOverlays();
  if (!file) return;
  layers[kind] = await window.niivue.NVImage.loadFromUrl({url: file, name: kind + '.nii',
    ...options});
  layers[kind].colormapType = 2; // nothing below cal_min; the colours begin at 0
  if (kind === 'truth') layers[kind].hdr.intent_code = 1002; // a label, which has an outline
  viewer.addVolume(layers[kind]);
}

async function showTruth() {
  const on = $('truth').checked && now && now.truth;
  await layer('truth', on && onGrid(now.volume, indices(now.truth)), {opacity: 0.01});
  paint();
}

// The floor of the map that hides all but its highest tenth, or a little more.
function highest(map) {
  const bins = new Array(20).fill(0);
  for (const x of map) bins[Math.min(19, Math.floor(20 * x))]++;
  let k = 19;
  for (let above = bins[k]; k > 1 && above < map.length / 10; above += bins[k]) k--;
  return k / 20;
}

// In the volume view a whole map is a block, so a part of it is hidden until the person chooses.
let ownFloor = '0';

function floor() {
  const bar = $('mapfloor'), map = now && now.maps[$('map').value];
  if (bar.value !== ownFloor) return;
  bar.value = map && viewer.opts.sliceType === 4 ? highest(map) : 0;
  ownFloor = bar.value;
}

function showFloor() {
  if (!layers.map) return;
  layers.map.cal_min = Number($('mapfloor').value);
  viewer.updateGLVolume();
}

async function showMap() {
  const name = $('map').value;
  if (name === 'ask') {
    await busy(() => predict(true));
    return;
  }
  const map = now && now.maps[name];
  floor();
  await layer('map', map && onGrid(now.volume, map), {colormap: $('mapcolours').value,
    opacity: Number($('mapopacity').value), cal_min: Number($('mapfloor').value), cal_max: 1});
  if (layers.truth) viewer.moveVolumeToTop(layers.truth);
  probe();
}

const mapNames = {entropy: 'uncertainty', variance: 'variance of passes'};

function listMaps() {
  const names = Object.keys(now.maps), chosen = $('map').value;
  $('map').replaceChildren(new Option('none', ''), ...names.map(n =>
    new Option(mapNames[n] || n.replace('attention_', 'attention of '), n)));
  if (!names.length && $('model').length) $('map').add(new Option('predict the maps', 'ask'));
  $('map').value = names.includes(chosen) ? chosen : chosen === 'ask' ? names[0] || '' : '';
}

// ---- the values under the pointer, else at the cross

let pointer = null;

function probe() {
  if (!now || !now.image) return;
  const frac = pointer ? viewer.canvasPos2frac(pointer) : [-1];
  const mm = viewer.frac2mm(frac[0] >= 0 ? frac : viewer.scene.crosshairPos, 0, true);
  const at = voxelAt(now.volume, [...mm]);
  if (!at) return;
  const i = indexOf(now.volume, at), {values, voxels, colours} = now.volume;
  const short = x => Number(x.toPrecision(6));
  const image = colours ? [0, 1, 2].map(k => values[3 * i + k]).join(' ')
    : short(values[i + (now.frame || 0) * voxels]);
  const start = now.image.img2RASstart, step = now.image.img2RASstep;
  const own = [0, 1, 2].map(k => { // the axis of the file along the viewer's axis k
    const axis = [1, now.volume.size[0], now.volume.size[0] * now.volume.size[1]]
      .indexOf(Math.abs(step[k]));
    return step[k] < 0 ? now.volume.size[axis] - 1 - at[axis] : at[axis];
  });
  const [w, h] = now.image.dimsRAS.slice(1, 3);
  const parts = [`${image}`];
  if (start && viewer.drawBitmap)
    parts.push(classes[viewer.drawBitmap[own[0] + w * (own[1] + h * own[2])]].name);
  if (now.truth) parts.push(`truly ${nameOf(now.truth[i])}`);
  const map = now.maps[$('map').value];
  if (map) parts.push(`${$('map').selectedOptions[0].text} ${short(map[i])}`);
  $('probe').textContent = `voxel ${at.join(', ')}: ${parts.join(', ')}`;
}

// ---- predictions

async function watch(id, ends) {
  const bar = $('progress');
  while (!ends.done) {
    await new Promise(r => setTimeout(r, 250));
    const state = await send('/progress/' + id).catch(() => null);
    if (!state || !state.ok) continue;
    const p = await state.json();
    if (ends.done) return; // what it says then stays
    if (p.state === 'none') continue; // not yet, or no longer
    if (p.total > 0) { bar.max = p.total; bar.value = p.done; }
    say(p.state === 'waits' ? 'Waiting for other predictions.' : 'Predicting.');
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

// The mask and maps of the model; mapsOnly: the mask stays.
async function predict(mapsOnly) {
  const id = crypto.randomUUID(), ends = {done: false}, shown = now, strokes = now.changed;
  const all = mapsOnly || now.volume.voxels <= MAPS;
  stopping = new AbortController();
  watch(id, ends);
  try {
    const query = `?job=${id}&maps=${all ? 'all' : ''}`;
    const got = await get(`/case/${now.id}/predict/${modelName()}${query}`,
      {method: 'POST', body: '', signal: stopping.signal});
    const doubts = got.headers.get('Attunet-Doubts'), form = await got.formData();
    if (now !== shown) return;
    now.maps = {};
    for (const [name, part] of form)
      if (name !== 'labels') now.maps[name] = new Float32Array(await part.arrayBuffer());
    if (!mapsOnly && (now.changed === strokes || await mayLeave())) {
      learn();
      await setMask(new Uint16Array(await form.get('labels').arrayBuffer()), '');
    }
    listMaps();
    await showMap();
    say(doubts ? `Done, with doubts: ${doubts}.` : 'Done.');
  } finally {
    ends.done = true;
  }
}

// Classes of the chosen model, then those of the masks.
function learn() {
  const own = models[modelName()]?.parameters.labels.classes || [];
  classes = own.length ? own.map(c => ({name: c.name, value: c.value}))
    : [{name: 'background', value: 0}];
}

// ---- opening

async function openVolume(id, name, listed, truth) {
  const volume = readVolume(await (await get(`/case/${id}/image`)).arrayBuffer());
  while (viewer.volumes.length) viewer.removeVolume(viewer.volumes[0]);
  viewer.closeDrawing();
  clearOverlays();
  layers = {};
  hidden = new Set();
  now = {id, name, listed, volume, truth: null, maps: {}, from: '', changed: 0, frame: 0};
  learn();
  viewer.setRadiologicalConvention(volume.size[2] > 1);
  viewer.setIsOrientationTextVisible(volume.size[2] > 1);
  now.image = await window.niivue.NVImage.loadFromUrl({url: volume.buffer, name: 'image.nii',
    colormap: $('colours').value});
  viewer.addVolume(now.image);
  viewer.setSliceType(volume.size[2] > 1 ? Number($('slices').value) : 0);
  $('channelline').hidden = volume.frames < 2;
  $('channel').replaceChildren(...Array.from({length: volume.frames}, (_, k) =>
    new Option(k, k)));
  $('predict').hidden = $('model').length === 0;
  $('save').hidden = !(keeps && listed);
  $('download').hidden = false;
  $('truthline').hidden = !truth;
  listMaps();
  await setMask(new Uint16Array(volume.voxels), ''); // to draw on, if nothing else comes
}

let opening = Promise.resolve();

// One after the other, so that what one still loads does not land on the image of the next.
function inTurn(work) {
  if (stopping) stopping.abort();
  opening = opening.then(() => busy(work));
  return opening;
}

// A mask of a file, which may be that of another image.
async function values16(path) {
  const values = new Uint16Array(await (await get(path)).arrayBuffer());
  if (values.length !== now.volume.voxels)
    throw new Error(`A mask of ${now.name} has ${values.length} voxels, but the image has ` +
      `${now.volume.voxels}; give the mask of this image.`);
  return values;
}

async function openCase(c) {
  if (!await mayLeave()) return;
  await inTurn(async () => {
    say(`Opening ${c.name}.`);
    await openVolume(c.id, c.name, true, c.truth);
    await listCases();
    if (c.label) await setMask(await values16(`/case/${c.id}/label`), c.label);
    else if (c.mask) await setMask(await values16(`/case/${c.id}/mask`), '');
    if (c.truth) now.truth = await values16(`/case/${c.id}/truth`);
    if (!c.label && !c.mask && $('model').length) await predict(false);
    await showTruth();
    say(`${c.name} is open.`);
  });
}

// An image of this machine goes to the server, which forgets it later.
async function take(file) {
  if (!file || !await mayLeave()) return;
  await inTurn(async () => {
    say(`Opening ${file.name}.`);
    const form = new FormData();
    form.append('files', file, 'image');
    const session = await (await get('/session/', {method: 'PUT', body: form})).json();
    await openVolume(session.session_id, file.name, false, false);
    await listCases();
    if ($('model').length) await predict(false);
    else say('Done.');
  });
}

function step(by) {
  const at = cases.findIndex(c => now && now.listed && c.id === now.id);
  const next = cases[Math.min(cases.length - 1, Math.max(0, at + by))];
  if (next && !(now && now.listed && next.id === now.id)) openCase(next);
}

// ---- correcting

function tool() {
  const draws = !$('move').checked;
  viewer.setDrawingEnabled(draws);
  viewer.opts.penSize = Number($('size').value);
  if (draws) viewer.setPenValue($('eraser').checked ? 0 : Number($('pen').value || 1));
}

function paintHere() {
  const at = viewer.frac2vox(viewer.scene.crosshairPos), axes = {0: 0, 1: 1, 2: 2};
  if (!viewer.drawBitmap) return;
  viewer.drawPenAxCorSag = axes[viewer.opts.sliceType] ?? 0;
  viewer.drawPt(...at, $('eraser').checked ? 0 : Number($('pen').value || 1));
  viewer.drawPenAxCorSag = -1;
  viewer.refreshDrawing(true);
  viewer.drawAddUndoBitmap();
  changed();
}

function changed() {
  now.changed++;
  count();
  probe();
}

// Resolves to the id of the button that the person chose, or '' after Cancel.
function ask(question, yes, keep = '') {
  const box = $('ask');
  if (box.open) return ''; // a file was dropped meanwhile
  $('question').textContent = question;
  $('yes').textContent = yes;
  $('keep').textContent = keep;
  $('keep').hidden = !keep;
  return new Promise(done => {
    for (const [id, answer] of [['keep', 'keep'], ['yes', 'yes'], ['no', '']])
      $(id).onclick = () => { box.close(); done(answer); };
    box.onclose = () => { if (!box.open) done(''); }; // Escape; not of an earlier question
    box.showModal();
  });
}

async function mayLeave() {
  if (!now || !now.changed) return true;
  const [label, keep] = $('save').hidden ? ['Download', download] : ['Save as label', save];
  const answer = await ask(`The mask of ${now.name} has changes that are not saved.`,
    'Discard them', label);
  if (answer === 'keep') await busy(keep);
  return answer === 'yes' || (answer === 'keep' && !now.changed);
}

async function save() {
  if ($('save').hidden) return;
  const shown = now, values = maskValues(), strokes = shown.changed;
  await listCases();
  const there = cases.find(c => c.id === shown.id).label;
  if (there !== shown.from &&
      !await ask(`${shown.name} has a label that somebody made.`, 'Replace it')) {
    say('Not saved.');
    return;
  }
  const got = await get(`/case/${shown.id}/label?over=${there}`, {method: 'PUT', body: values});
  shown.from = (await got.json()).label;
  if (shown.changed === strokes) shown.changed = 0; // else more was drawn meanwhile
  await listCases();
  say('Saved.');
}

// In the image's own format and grid.
async function download() {
  const shown = now, strokes = shown.changed;
  const got = await get(`/case/${shown.id}/file`, {method: 'POST', body: maskValues()});
  const ending = /filename="mask([^"]*)"/.exec(got.headers.get('Content-Disposition'))[1];
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([await got.arrayBuffer()]));
  link.download = shown.name.replace(/(\.[^.]*)?(\.gz)?$/, '') + '_mask' + ending;
  link.click();
  URL.revokeObjectURL(link.href);
  if ($('save').hidden && shown.changed === strokes) shown.changed = 0; // it has no label to save
  say('Downloaded.');
}

// ---- keys, as in ITK-SNAP

function cycle(select, by) {
  const list = $(select);
  if (!list.length) return;
  list.selectedIndex = (list.selectedIndex + by + list.length) % list.length;
  list.onchange();
}

function slide(range, by) {
  $(range).value = Number($(range).value) + by;
  $(range).oninput();
}

function choose(id) { $(id).checked = true; tool(); }

const keys = {
  ArrowLeft: () => viewer.moveCrosshairInVox(-1, 0, 0),
  ArrowRight: () => viewer.moveCrosshairInVox(1, 0, 0),
  ArrowUp: () => viewer.moveCrosshairInVox(0, 1, 0),
  ArrowDown: () => viewer.moveCrosshairInVox(0, -1, 0),
  PageUp: () => viewer.moveCrosshairInVox(0, 0, 1),
  PageDown: () => viewer.moveCrosshairInVox(0, 0, -1),
  1: () => choose('move'), 4: () => choose('brush'), 5: () => choose('eraser'),
  ' ': paintHere,
  '-': () => slide('size', -1), '+': () => slide('size', 1), '=': () => slide('size', 1),
  ',': () => cycle('pen', -1), '.': () => cycle('pen', 1),
  s: () => { viewer.setDrawOpacity(viewer.drawOpacity > 0 ? 0 : $('opacity').value); },
  a: () => slide('opacity', -0.05), d: () => slide('opacity', 0.05),
  t: () => { if (!$('truthline').hidden) $('truth').click(); },
  m: () => cycle('map', 1),
  x: () => viewer.setCrosshairWidth(viewer.opts.crosshairWidth ? 0 : 0.3),
  v: () => cycle('slices', 1),
  n: () => step(1), p: () => step(-1),
};

function key(e) {
  if ($('ask').open) return;
  const command = e.ctrlKey || e.metaKey;
  const inside = e.target.closest('input, select, button, summary, pre');
  const own = e.key.startsWith('Arrow') || e.key.startsWith('Page') || e.key === ' ';
  const idle = !keys[e.key] || (!now && !'np'.includes(e.key));
  if (command && e.key === 'z') { if (now) { viewer.drawUndo(); changed(); } }
  else if (command && e.key === 's') { if (now) busy(save); }
  else if (command || e.altKey || (inside && own) || idle) return;
  else if (e.target.closest('select')) return; // letters choose
  else { keys[e.key](); pointer = own ? null : pointer; probe(); }
  e.preventDefault();
}

// ---- start

function wire() {
  $('file').onchange = () => {
    take($('file').files[0]);
    $('file').value = ''; // so that the same file can be chosen again
  };
  $('predict').onclick = async () => {
    if (now && await mayLeave()) await busy(() => predict(false));
  };
  $('save').onclick = () => busy(save);
  $('download').onclick = () => busy(download);
  $('stop').onclick = () => stopping && stopping.abort();
  $('opacity').oninput = () => viewer.setDrawOpacity($('opacity').value);
  $('colours').onchange = () => now && viewer.setColormap(now.image.id, $('colours').value);
  $('channel').onchange = () => {
    now.frame = Number($('channel').value);
    viewer.setFrame4D(now.image.id, now.frame);
  };
  $('slices').onchange = () => {
    viewer.setSliceType(Number($('slices').value));
    floor();
    showFloor();
  };
  $('truth').onchange = () => showTruth().catch(error => say(error.message));
  for (const id of ['map', 'mapcolours']) $(id).onchange = showMap;
  $('mapopacity').oninput = () => {
    const at = viewer.volumes.indexOf(layers.map);
    if (at > 0) viewer.setOpacity(at, Number($('mapopacity').value));
  };
  $('mapfloor').oninput = showFloor;
  for (const id of ['move', 'brush', 'eraser', 'pen']) $(id).onchange = tool;
  $('size').oninput = tool;
  $('undo').onclick = () => { if (now) { viewer.drawUndo(); changed(); } };
  $('canvas').onpointermove = e => {
    const scale = viewer.uiData.dpr || devicePixelRatio;
    pointer = [e.offsetX * scale, e.offsetY * scale];
    probe();
  };
  $('canvas').onpointerleave = () => { pointer = null; };
  addEventListener('keydown', key, true);
  for (const kind of ['keydown', 'keyup']) // the viewer has keys of its own
    addEventListener(kind, e => { if (e.target === $('canvas')) e.stopPropagation(); }, true);
  document.ondragover = e => { e.preventDefault(); $('view').classList.add('over'); };
  document.ondragleave = () => $('view').classList.remove('over');
  document.ondrop = e => {
    e.preventDefault();
    $('view').classList.remove('over');
    take(e.dataTransfer.files[0]);
  };
  addEventListener('beforeunload', e => { if (now && now.changed) e.preventDefault(); });
}

async function start() {
  viewer = new window.niivue.Niivue({dragAndDropEnabled: false, backColor: [0, 0, 0, 1],
    crosshairWidth: 0.3, multiplanarShowRender: 1, onLocationChange: () => now && probe(),
    logLevel: 'error', atlasOutline: 1});
  viewer.onDrawingChanged = action => { if (now && action === 'draw') changed(); };
  await viewer.attachToCanvas($('canvas'));
  viewer.setSliceType(3);
  wire();
  await listModels();
  await listCases();
  if (cases.length) await openCase(cases[0]);
  document.body.dataset.ready = 'yes';
}

window.attunet = {viewer: () => viewer, now: () => now, maskValues};
start().catch(error => say(error.message));
