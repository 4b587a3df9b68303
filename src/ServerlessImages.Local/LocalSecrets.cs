using System.Security.Cryptography;
using System.Text.Json;

namespace ServerlessImages.Local;

/// <summary>The secrets of this machine's data folder, made on the first run and readable by their owner only.</summary>
/// <param name="Pepper">In base64.</param>
/// <param name="DemoKey">The demo account's key, or null before it is minted. A real operator never stores one.</param>
internal sealed record LocalSecrets(string Pepper, string? DemoKey)
{
    private const int PepperBytes = 32;

    public static LocalSecrets ReadOrMake(string folder)
    {
        Directory.CreateDirectory(folder);
        if (File.Exists(PathIn(folder))) return JsonSerializer.Deserialize<LocalSecrets>(File.ReadAllText(PathIn(folder)))!;

        var made = new LocalSecrets(Convert.ToBase64String(RandomNumberGenerator.GetBytes(PepperBytes)), null);
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

    private static string PathIn(string folder) => Path.Combine(folder, "secrets.json");
}
