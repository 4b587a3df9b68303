using System.Security.Cryptography;
using System.Text.Json;

namespace ServerlessImages.Local;

/// <summary>The secrets of this machine's data folder, made on the first run and readable by their owner only.</summary>
/// <param name="Pepper">In base64.</param>
/// <param name="DemoKey">The demo account's key, or null before it is minted. A real operator never stores one.</param>
/// <param name="ReceiptKey">Signs receipts: PKCS#8 in base64. Null only in the file of a run before there were receipts.</param>
internal sealed record LocalSecrets(string Pepper, string? DemoKey, string? ReceiptKey)
{
    private const int PepperBytes = 32;

    public static LocalSecrets ReadOrMake(string folder)
    {
        Directory.CreateDirectory(folder);
        var kept = File.Exists(PathIn(folder)) ? JsonSerializer.Deserialize<LocalSecrets>(File.ReadAllText(PathIn(folder)))! : null;
        if (kept?.ReceiptKey is not null) return kept;

        var made = (kept ?? new LocalSecrets(Convert.ToBase64String(RandomNumberGenerator.GetBytes(PepperBytes)), null, null)) with { ReceiptKey = NewReceiptKey() };
        made.Save(folder);
        return made;
    }

    public void Save(string folder)
    {
        var path = PathIn(folder);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path + ".new", options);
        JsonSerializer.Serialize(file, this);
        file.Dispose();
        File.Move(path + ".new", path, overwrite: true);
    }

    private static string NewReceiptKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Convert.ToBase64String(key.ExportPkcs8PrivateKey());
    }

    private static string PathIn(string folder) => Path.Combine(folder, "secrets.json");
}
