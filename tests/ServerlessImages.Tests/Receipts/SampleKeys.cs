using System.Security.Cryptography;

namespace ServerlessImages.Tests.Receipts;

/// <summary>Keys as an operator would set them. Made with openssl for these tests; they are used nowhere else.</summary>
internal static class SampleKeys
{
    /// <summary>A public key on P-256.</summary>
    public const string Public = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf6G4jqaoWNaoozFteoQUtsB8jZYKgiEo3wXCYmHkJvC2FLD+MsW3aQ+TuJ3IctD0t6vSwxmbEgDG9z5DTbN+Tw==";

    /// <summary>A private key on P-384.</summary>
    public const string OtherCurve = "MIGkAgEBBDA9HsU7igskzZcm2Gn9WNZnXGAvZEgzKy2T+HnqbA7xqAlxO/d0Ou0FI2Fs4hPYZEygBwYFK4EEACKhZANiAAQrn4L/tpTc3tAU9ZxFAsgTxT7Qijcg5amYClhZ/c7nEQ69ulqM3YHbDTu/FdcN0QYo1w/lTCSTc5X/+tT0WUW7prqGB26s1U78qROqBxoWG2Kkjzgmk0/pnshjXWdKUBA=";

    public static ECDsa New() => ECDsa.Create(ECCurve.NamedCurves.nistP256);
}
