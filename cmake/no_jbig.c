/* SPDX-License-Identifier: Apache-2.0 */
/* For attunet-static alone.  libtiff's table of codecs names JBIG, whose library is under the GPL,
 * and attunet refuses such files before they are decoded: with these names here the archive of that
 * library is not linked.  Each says that it failed, or that there is nothing.
 */
void jbg_dec_free(void *state);
unsigned char *jbg_dec_getimage(const void *state, int plane);
unsigned long jbg_dec_getsize(const void *state);
int jbg_dec_in(void *state, unsigned char *data, unsigned long size, unsigned long *read);
void jbg_dec_init(void *state);
void jbg_enc_free(void *state);
void jbg_enc_init(void *state, unsigned long w, unsigned long h, int planes, unsigned char **plane,
    void (*out)(void), void *file);
void jbg_enc_out(void *state);
int jbg_newlen(unsigned char *data, unsigned long size);
const char *jbg_strerror(int error);

enum { FAILED = 1 << 4 };

void jbg_dec_free(void *state) { (void)state; }

unsigned char *jbg_dec_getimage(const void *state, int plane)
{
    (void)state, (void)plane;
    return 0;
}

unsigned long jbg_dec_getsize(const void *state)
{
    (void)state;
    return 0;
}

int jbg_dec_in(void *state, unsigned char *data, unsigned long size, unsigned long *read)
{
    (void)state, (void)data, (void)size, (void)read;
    return FAILED;
}

void jbg_dec_init(void *state) { (void)state; }
void jbg_enc_free(void *state) { (void)state; }

void jbg_enc_init(void *state, unsigned long w, unsigned long h, int planes, unsigned char **plane,
    void (*out)(void), void *file)
{
    (void)state, (void)w, (void)h, (void)planes, (void)plane, (void)out, (void)file;
}

void jbg_enc_out(void *state) { (void)state; }

int jbg_newlen(unsigned char *data, unsigned long size)
{
    (void)data, (void)size;
    return FAILED;
}

const char *jbg_strerror(int error)
{
    (void)error;
    return "there is no JBIG here";
}
