// SPDX-License-Identifier: Apache-2.0
// NIfTI images of the server (volume.c), and what lies on their grid.
'use strict';

const HEAD = 352;

// {head, size: [w, h, d], frames, colours, values, affine: three rows, voxels}.
function readVolume(buffer) {
  const view = new DataView(buffer), size = [1, 2, 3].map(i => view.getInt16(40 + 2 * i, true));
  const frames = Math.max(1, view.getInt16(48, true)), colours = view.getInt16(70, true) === 128;
  const affine = [0, 1, 2].map(i => [0, 1, 2, 3].map(k =>
    view.getFloat32(280 + 16 * i + 4 * k, true)));
  const values = colours ? new Uint8Array(buffer, HEAD) : new Float32Array(buffer, HEAD);
  const sides = [1, 2, 3].map(i => view.getFloat32(76 + 4 * i, true));
  return {buffer, size, frames, colours, values, affine, sides,
    voxels: size[0] * size[1] * size[2]};
}

// The file of other values on the grid of a volume: Uint8Array or Float32Array.
function onGrid(volume, values) {
  const bytes = new Uint8Array(HEAD + values.byteLength), view = new DataView(bytes.buffer);
  bytes.set(new Uint8Array(volume.buffer, 0, HEAD));
  view.setInt16(40, 3, true);
  view.setInt16(48, 1, true);
  view.setInt16(70, values instanceof Uint8Array ? 2 : 16, true);
  view.setInt16(72, 8 * values.BYTES_PER_ELEMENT, true);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), HEAD);
  return bytes.buffer;
}

// The voxel of the file at a place in mm; the viewer turns its own copy to other axes.
function voxelAt(volume, mm) {
  const [a, b, c] = [0, 1, 2].map(k => volume.affine.map(row => row[k]));
  const d = volume.affine.map((row, k) => mm[k] - row[3]);
  const cross = (u, v) => [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2],
    u[0] * v[1] - u[1] * v[0]];
  const dot = (u, v) => u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
  const whole = dot(a, cross(b, c));
  const at = [dot(d, cross(b, c)), dot(a, cross(d, c)), dot(a, cross(b, d))]
    .map(x => Math.round(x / whole) || 0);
  return at.every((x, k) => x >= 0 && x < volume.size[k]) ? at : null;
}

function indexOf(volume, at) {
  return at[0] + volume.size[0] * (at[1] + volume.size[1] * at[2]);
}

// Calls f(place in the file, place in the viewer's own order) for all voxels.
function eachVoxel(image, f) {
  const [w, h, d] = image.dimsRAS.slice(1, 4), step = image.img2RASstep, from = image.img2RASstart;
  let own = 0;
  for (let z = 0; z < d; z++)
    for (let y = 0; y < h; y++) {
      let file = from[0] + from[1] + from[2] + y * step[1] + z * step[2];
      for (let x = 0; x < w; x++, own++, file += step[0]) f(file, own);
    }
}
