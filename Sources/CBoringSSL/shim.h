#include <stddef.h>
#include <stdint.h>

/* The AEADs of the BoringSSL that swift-crypto carries and links into the program, called as they are: its Swift interface answers in memory
   of its own and copies there, here the caller says where the bytes go, and that may be where they were. These few functions have been
   the same for ten years; were they called otherwise one day, the program would not link. */
typedef struct earshot_aead earshot_aead;
typedef struct earshot_aead_key earshot_aead_key;

extern const earshot_aead *boringssl_chacha20_poly1305(void) __asm__("CCryptoBoringSSL_EVP_aead_chacha20_poly1305");
extern const earshot_aead *boringssl_aes_256_gcm(void) __asm__("CCryptoBoringSSL_EVP_aead_aes_256_gcm");
/* NULL if the key has another length, or there is no memory. A tag length of 0 is 16. */
extern earshot_aead_key *boringssl_key_new(const earshot_aead *aead, const uint8_t *key, size_t key_length, size_t tag_length)
    __asm__("CCryptoBoringSSL_EVP_AEAD_CTX_new");
extern void boringssl_key_free(earshot_aead_key *key) __asm__("CCryptoBoringSSL_EVP_AEAD_CTX_free");
/* 1, or 0. `out` is `in`, or does not overlap it. */
extern int boringssl_seal(const earshot_aead_key *key, uint8_t *out, size_t *out_length, size_t out_room, const uint8_t *nonce,
    size_t nonce_length, const uint8_t *in, size_t in_length, const uint8_t *ad, size_t ad_length) __asm__("CCryptoBoringSSL_EVP_AEAD_CTX_seal");
extern int boringssl_open(const earshot_aead_key *key, uint8_t *out, size_t *out_length, size_t out_room, const uint8_t *nonce,
    size_t nonce_length, const uint8_t *in, size_t in_length, const uint8_t *ad, size_t ad_length) __asm__("CCryptoBoringSSL_EVP_AEAD_CTX_open");
