using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ServerlessImages.Simulation.Running;

namespace ServerlessImages.Simulation.Plants;

/// <summary>Core compiled in memory with one bug, and a second copy of this assembly that stands on it instead of on Core as it is.</summary>
internal sealed class PlantedCore : AssemblyLoadContext
{
    private const string CoreName = "ServerlessImages.Core";

    private static readonly string Source = typeof(PlantedCore).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(each => each.Key == "CoreSource").Value!;

    private static readonly Lazy<CSharpCompilation> AsItIs = new(Compilation);

    private readonly Plant plant;
    private readonly byte[] core;

    private PlantedCore(Plant plant, byte[] core)
        : base(plant.Name) => (this.plant, this.core) = (plant, core);

    /// <exception cref="InvalidOperationException">The plant does not apply to the source any more, or does not compile.</exception>
    public static PlantedCore Load(Plant plant) => new(plant, Compile(plant));

    /// <returns>The first seed whose history violates an invariant, and which one; or null.</returns>
    public (int Seed, string Violation)? FirstViolation(int firstSeed, int seedsMax) => plant.IsOfDeliveries
        ? ((int, string)?)Method(typeof(PlantedSimulation), nameof(PlantedSimulation.FirstViolationOfDeliveries)).Invoke(null, [firstSeed, seedsMax])
        : ((int, string)?)Method(typeof(PlantedSimulation), nameof(PlantedSimulation.FirstViolation)).Invoke(null, [firstSeed, seedsMax, plant.IsOfPayments]);

    public int Run(SimulationOptions options, TextWriter output) =>
        (int)Method(typeof(SimulationCommand), nameof(SimulationCommand.Run)).Invoke(null, [options.Histories, options.Seed, options.Trace, options.IsOfPayments, output])!;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name != CoreName) return null;
        using var image = new MemoryStream(core);
        return LoadFromStream(image);
    }

    private MethodInfo Method(Type type, string name) =>
        LoadFromAssemblyPath(typeof(PlantedCore).Assembly.Location).GetType(type.FullName!, throwOnError: true)!.GetMethod(name, BindingFlags.Public | BindingFlags.Static)!;

    private static byte[] Compile(Plant plant)
    {
        var tree = AsItIs.Value.SyntaxTrees.SingleOrDefault(each => each.FilePath == plant.File) ?? throw new InvalidOperationException($"The plant {plant.Name} is for {plant.File}, which is not there.");
        var text = tree.ToString();
        var places = text.Split(plant.Old).Length - 1;
        if (places != 1) throw new InvalidOperationException($"The plant {plant.Name} is for a line that stands in {plant.File} {places} times, not once: {plant.Old}");

        var planted = Parse(plant.File, text.Replace(plant.Old, plant.New, StringComparison.Ordinal));
        using var image = new MemoryStream();
        var emitted = AsItIs.Value.ReplaceSyntaxTree(tree, planted).Emit(image, manifestResources: Resources());
        if (!emitted.Success) throw new InvalidOperationException($"The plant {plant.Name} does not compile: {string.Join(' ', emitted.Diagnostics.Where(each => each.Severity == DiagnosticSeverity.Error))}");
        return image.ToArray();
    }

    private static CSharpCompilation Compilation()
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal));
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable, deterministic: true);
        return CSharpCompilation.Create(CoreName, [.. Files("*.cs").Select(file => Parse(file, File.ReadAllText(Path.Combine(Source, file)))), Parse("Usings", ImplicitUsings)], platform.Select(path => MetadataReference.CreateFromFile(path)), options);
    }

    /// <summary>What the SDK adds to every project with <c>ImplicitUsings</c>.</summary>
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static SyntaxTree Parse(string file, string text) => CSharpSyntaxTree.ParseText(text, path: file);

    /// <summary>As the project embeds them: by file name.</summary>
    private static IEnumerable<ResourceDescription> Resources() =>
        Files("*.json").Where(file => file != "packages.lock.json").Select(file => new ResourceDescription(Path.GetFileName(file), () => File.OpenRead(Path.Combine(Source, file)), isPublic: true));

    private static IEnumerable<string> Files(string pattern) => Directory.EnumerateFiles(Source, pattern, SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Source, path).Replace('\\', '/'))
        .Where(file => !file.StartsWith("obj/", StringComparison.Ordinal) && !file.StartsWith("bin/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);
}
